import { describe, expect, it } from 'vitest';
import { isSoftwareRenderer, placed } from './glide';

const AIM = { x: 0.6, y: 0.4, zoom: 6, width: 1000, height: 600 };
/** Where a place of the world lies in a view, in pixels from its upper left corner. */
const seen = (at: { x: number; y: number }, { x, y, zoom, width, height }: typeof AIM): [number, number] => [(at.x - x) * 512 * 2 ** zoom + width / 2, (at.y - y) * 512 * 2 ** zoom + height / 2];

describe('the last picture while the map moves', () => {
  it('shows every place where the view has it, pushed and stretched', () => {
    for (const now of [{ ...AIM, x: 0.605, y: 0.397 }, { ...AIM, zoom: 7.3 }, { ...AIM, x: 0.61, zoom: 5.2 }]) {
      const { x, y, scale } = placed(AIM, now);
      for (const place of [{ x: 0.6, y: 0.4 }, { x: 0.613, y: 0.391 }]) {
        const [left, top] = seen(place, AIM);
        const [wantedLeft, wantedTop] = seen(place, now);
        // Pushed alone it stays on whole pixels.
        expect(Math.abs(left * scale + x - wantedLeft)).toBeLessThanOrEqual(0.5);
        expect(Math.abs(top * scale + y - wantedTop)).toBeLessThanOrEqual(0.5);
      }
    }
  });
  it('takes the short way where the numbers of the world begin again', () => {
    expect(placed({ ...AIM, x: 0.9999, zoom: 3 }, { ...AIM, x: 0.0001, zoom: 3 })).toEqual({ x: -1, y: 0, scale: 1 });
  });
});

it('knows renderers that have no graphics processor', () => {
  expect(isSoftwareRenderer('ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)')).toBe(true);
  expect(isSoftwareRenderer('llvmpipe (LLVM 15.0.6, 256 bits)')).toBe(true);
  expect(isSoftwareRenderer('ANGLE (Intel, Mesa Intel(R) UHD Graphics 620 (KBL GT2), OpenGL 4.6)')).toBe(false);
});
