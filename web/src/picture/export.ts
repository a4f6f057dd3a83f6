/** The view as a picture or a sheet: map, title, time, legend, scale, and where the map comes from. */
import type { Map as MapLibre } from 'maplibre-gl';
import { hatch, mark, shield } from '../map/patterns';
import { pdf } from './pdf';

export interface Sheet {
  title: string;
  subtitle: string;
  legend: { kind: string; colour: string; text: string }[];
  note: string;
  rightToLeft: boolean;
}

const HEAD = 64;
const ROW = 22;

/** Draws the sheet. */
export function sheet(map: MapLibre, { title, subtitle, legend, note, rightToLeft }: Sheet): HTMLCanvasElement {
  // What was drawn can be read until this task ends: it is drawn anew right before.
  map.stop();
  map.redraw();
  const source = map.getCanvas();
  const ratio = source.width / source.clientWidth || 1;
  const [width, height] = [source.clientWidth, source.clientHeight];
  const columns = Math.max(1, Math.floor(width / 230));
  const foot = Math.ceil(legend.length / columns) * ROW + 44;
  const made = document.createElement('canvas');
  made.width = width * ratio;
  made.height = (height + HEAD + foot) * ratio;
  const context = made.getContext('2d') as CanvasRenderingContext2D;
  context.scale(ratio, ratio);
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height + HEAD + foot);
  context.drawImage(source, 0, HEAD, width, height);
  context.strokeStyle = '#444';
  context.strokeRect(0.5, HEAD + 0.5, width - 1, height - 1);
  const font = (size: number, weight = 400): string => `${weight} ${size}px 'Noto Sans', sans-serif`;
  const [start, align] = rightToLeft ? [width - 12, 'right' as const] : [12, 'left' as const];
  context.direction = rightToLeft ? 'rtl' : 'ltr';
  context.textAlign = align;
  context.textBaseline = 'middle';
  context.fillStyle = '#111';
  context.font = font(19, 600);
  context.fillText(title, start, 23, width - 24);
  context.font = font(13);
  context.fillText(subtitle, start, 47, width - 24);
  legend.forEach(({ kind, colour, text }, index) => {
    const column = index % columns;
    const x = rightToLeft ? width - 12 - column * (width / columns) - 24 : 12 + column * (width / columns);
    const y = HEAD + height + 10 + Math.floor(index / columns) * ROW;
    swatch(context, kind, colour, x, y);
    context.fillStyle = '#111';
    context.font = font(12);
    context.fillText(text, rightToLeft ? x - 6 : x + 30, y + 8, width / columns - 40);
  });
  context.fillStyle = '#444';
  context.font = font(11);
  context.fillText(note, start, HEAD + height + foot - 14, width - 24);
  return made;
}

/** A small picture of how something is drawn. */
export function swatch(context: CanvasRenderingContext2D, kind: string, colour: string, x: number, y: number): void {
  if (kind === 'protected_object') return context.drawImage(shield(colour, '#ffffff'), x + 3, y - 1, 18, 18);
  if (kind === 'event') return context.drawImage(mark(colour, '#ffffff'), x + 3, y - 1, 18, 18);
  context.save();
  context.fillStyle = colour;
  context.globalAlpha = 0.18;
  context.fillRect(x, y, 24, 16);
  context.globalAlpha = 1;
  const tile = hatch(kind, colour);
  const pattern = tile && context.createPattern(tile, 'repeat');
  if (pattern) {
    pattern.setTransform(new DOMMatrix().translate(x, y).scale(0.5));
    context.fillStyle = pattern;
    context.fillRect(x, y, 24, 16);
  }
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  if (kind === 'keep_out' || kind === 'movement') context.setLineDash([2, 2]);
  if (kind === 'operation') context.setLineDash([5, 2]);
  context.strokeRect(x + 0.75, y + 0.75, 22.5, 14.5);
  context.restore();
}

export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken its copy by the next task.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function blobOf(made: HTMLCanvasElement, type: string): Promise<Blob> {
  return new Promise((resolve, reject) => made.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture could not be made'))), type, 0.92));
}

export async function savePng(map: MapLibre, content: Sheet, name: string): Promise<void> {
  download(await blobOf(sheet(map, content), 'image/png'), `${name}.png`);
}

export async function savePdf(map: MapLibre, content: Sheet, name: string): Promise<void> {
  const made = sheet(map, content);
  const jpeg = new Uint8Array(await (await blobOf(made, 'image/jpeg')).arrayBuffer());
  download(new Blob([pdf(jpeg, made.width, made.height, content.title)], { type: 'application/pdf' }), `${name}.pdf`);
}
