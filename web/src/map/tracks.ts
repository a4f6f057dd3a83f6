/**
 * Thousands of tracks on a canvas of their own above the map, which is not drawn again for them. Those whose course is known
 * are carried on along it with every frame until the next positions come; those whose course nobody has said stand where
 * they were seen, and are drawn again only when the view changes.
 *
 * Each is a small picture of an arrowhead, or of a ring, put into the canvas's pixels directly: filling five thousand shapes as paths
 * takes a software renderer longer than a frame has.
 */
import { MercatorCoordinate, type Map as MapLibre } from 'maplibre-gl';
import type { Track } from '../picture/tracks';

/** Numbers for each track: x and y as parts of the world, and how far it moves a second, likewise, to the east and south. */
const NUMBERS = 4;
const RADIUS_PX = 6;
/** Pixels of the world at zoom 0. */
const WORLD_PX = 512;
/** Directions an arrowhead is drawn in; finer ones look the same at this size. */
const HEADINGS = 48;
/** The place of the ring behind the arrowheads: no course is known. */
const RING = HEADINGS;
/** How near a click must come to a track. */
const REACH_PX = 9;

/** The pixels of an arrowhead in one direction, beside its middle, and how opaque each is. */
interface Stamp {
  dx: Int16Array;
  dy: Int16Array;
  alpha: Uint8Array;
}

/** Draws the arrowhead in every direction, once for each resolution. */
function stamps(ratio: number): Stamp[] {
  const half = Math.ceil(RADIUS_PX * 1.5 * ratio);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = half * 2 + 1;
  const context = canvas.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
  return Array.from({ length: HEADINGS + 1 }, (_, index) => {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.translate(half + 0.5, half + 0.5);
    context.rotate((index / HEADINGS) * 2 * Math.PI);
    context.scale(RADIUS_PX * ratio, RADIUS_PX * ratio);
    context.beginPath();
    if (index === RING) {
      context.lineWidth = 0.42;
      context.arc(0, 0, 0.75, 0, 2 * Math.PI);
      context.stroke();
    } else {
      context.moveTo(0, -1.3);
      context.lineTo(0.8, 0.9);
      context.lineTo(-0.8, 0.9);
      context.fill();
    }
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const [dx, dy, alpha]: [number[], number[], number[]] = [[], [], []];
    for (let y = 0; y < canvas.height; y += 1) {
      for (let x = 0; x < canvas.width; x += 1) {
        const opaque = data[(y * canvas.width + x) * 4 + 3] ?? 0;
        if (opaque > 0) dx.push(x - half), dy.push(y - half), alpha.push(opaque);
      }
    }
    return { dx: Int16Array.from(dx), dy: Int16Array.from(dy), alpha: Uint8Array.from(alpha) };
  });
}

export class TrackLayer {
  readonly #canvas = document.createElement('canvas');
  // Pixels are written by the processor: a canvas on the graphics side would fetch and send them with every frame.
  readonly #context = this.#canvas.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
  #data = new Float64Array(0);
  /** Which of the directions each track has. */
  #headings = new Uint8Array(0);
  #stamps: { ratio: number; of: Stamp[] } | null = null;
  #image: ImageData | null = null;
  #since = 0;
  #request = 0;
  #moves = false;
  /** Frames drawn so far, for measuring. */
  frames = 0;

  constructor(
    private readonly map: MapLibre,
    private colour: string,
  ) {
    this.#canvas.className = 'tracks';
    this.#canvas.setAttribute('aria-hidden', 'true');
    map.getCanvasContainer().append(this.#canvas);
    map.on('remove', () => this.put([]));
    for (const change of ['move', 'resize'] as const) map.on(change, this.#ask);
  }

  get count(): number {
    return this.#headings.length;
  }

  paint(colour: string): void {
    this.colour = colour;
    this.#ask();
  }

  /** Draws with the next frame, unless that is going to happen anyway. */
  readonly #ask = (): void => {
    if (this.count > 0 && this.#request === 0) this.#request = requestAnimationFrame(this.#draw);
  };

  /** Which of the tracks lies nearest to a point of the map, in pixels; `null` when none is near. */
  near(point: { x: number; y: number }): number | null {
    const { clientWidth, clientHeight } = this.map.getCanvas();
    const { left, top, world } = this.#view(clientWidth, clientHeight, 1);
    const seconds = (performance.now() - this.#since) / 1000;
    let [best, least]: [number | null, number] = [null, REACH_PX ** 2];
    for (let index = 0, at = 0; index < this.count; index += 1, at += NUMBERS) {
      const x = left + (this.#data[at]! + this.#data[at + 2]! * seconds) * world - point.x;
      const y = top + (this.#data[at + 1]! + this.#data[at + 3]! * seconds) * world - point.y;
      if (x * x + y * y <= least) [best, least] = [index, x * x + y * y];
    }
    return best;
  }

  /** Where the world begins in pixels of the view, and how many pixels it has. */
  #view(width: number, height: number, ratio: number): { left: number; top: number; world: number } {
    const centre = MercatorCoordinate.fromLngLat(this.map.getCenter());
    const world = WORLD_PX * 2 ** this.map.getZoom() * ratio;
    return { left: width / 2 - centre.x * world, top: height / 2 - centre.y * world, world };
  }

  put(tracks: readonly Track[]): void {
    this.#data = new Float64Array(tracks.length * NUMBERS);
    this.#headings = new Uint8Array(tracks.length);
    tracks.forEach((track, index) => {
      const at = MercatorCoordinate.fromLngLat([track.longitude, track.latitude]);
      const heading = ((track.heading ?? 0) * Math.PI) / 180;
      const speed = track.heading === null ? 0 : track.speed * at.meterInMercatorCoordinateUnits();
      this.#data.set([at.x, at.y, Math.sin(heading) * speed, -Math.cos(heading) * speed], index * NUMBERS);
      this.#headings[index] = track.heading === null ? RING : ((Math.round((track.heading / 360) * HEADINGS) % HEADINGS) + HEADINGS) % HEADINGS;
    });
    this.#since = performance.now();
    this.#moves = tracks.some(({ heading, speed }) => heading !== null && speed > 0);
    cancelAnimationFrame(this.#request);
    this.#request = 0;
    if (this.count > 0) this.#ask();
    else this.#context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  /** The pixels to draw into, empty and of the size of the map. */
  #pixels(width: number, height: number): [ImageData, Uint32Array] {
    if (this.#image?.width !== width || this.#image.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
      this.#image = this.#context.createImageData(width, height);
    }
    const pixels = new Uint32Array(this.#image.data.buffer);
    pixels.fill(0);
    return [this.#image, pixels];
  }

  /** The colour as a pixel has it, without its opacity: red in the lowest byte. */
  #ink(): number {
    const value = Number.parseInt(this.colour.slice(1), 16);
    return ((value >> 16) & 0xff) | (value & 0xff00) | ((value & 0xff) << 16);
  }

  readonly #draw = (): void => {
    const ratio = devicePixelRatio;
    const { clientWidth, clientHeight } = this.map.getCanvas();
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
    this.#request = this.#moves ? requestAnimationFrame(this.#draw) : 0;
    if (width === 0 || height === 0) return;
    if (this.#stamps?.ratio !== ratio) this.#stamps = { ratio, of: stamps(ratio) };
    const [image, pixels] = this.#pixels(width, height);
    const { left, top, world } = this.#view(width, height, ratio);
    const seconds = (performance.now() - this.#since) / 1000;
    const [data, headings, ink] = [this.#data, this.#headings, this.#ink()];
    for (let index = 0, at = 0; index < headings.length; index += 1, at += NUMBERS) {
      const x = Math.round(left + (data[at]! + data[at + 2]! * seconds) * world);
      const y = Math.round(top + (data[at + 1]! + data[at + 3]! * seconds) * world);
      if (x < -RADIUS_PX || y < -RADIUS_PX || x > width + RADIUS_PX || y > height + RADIUS_PX) continue;
      const stamp: Stamp = this.#stamps.of[headings[index]!]!;
      const alpha = stamp.alpha;
      for (let pixel = 0; pixel < alpha.length; pixel += 1) {
        const px: number = x + stamp.dx[pixel]!;
        const py: number = y + stamp.dy[pixel]!;
        if (px < 0 || py < 0 || px >= width || py >= height) continue;
        const place: number = py * width + px;
        // Where arrowheads meet, the more opaque counts.
        if (pixels[place]! >>> 24 < alpha[pixel]!) pixels[place] = (alpha[pixel]! << 24) | ink;
      }
    }
    this.#context.putImageData(image, 0, 0);
    this.frames += 1;
  };
}
