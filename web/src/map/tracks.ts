/**
 * Thousands of moving tracks on a canvas of their own above the map: they move along their headings with every frame
 * until the next positions come, and the map below is not drawn again for that.
 *
 * Each is a small picture of an arrowhead, put into the canvas's pixels directly: filling five thousand shapes as paths
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
  return Array.from({ length: HEADINGS }, (_, index) => {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.translate(half + 0.5, half + 0.5);
    context.rotate((index / HEADINGS) * 2 * Math.PI);
    context.scale(RADIUS_PX * ratio, RADIUS_PX * ratio);
    context.beginPath();
    context.moveTo(0, -1.3);
    context.lineTo(0.8, 0.9);
    context.lineTo(-0.8, 0.9);
    context.fill();
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
  }

  get count(): number {
    return this.#headings.length;
  }

  paint(colour: string): void {
    this.colour = colour;
  }

  put(tracks: readonly Track[]): void {
    this.#data = new Float64Array(tracks.length * NUMBERS);
    this.#headings = new Uint8Array(tracks.length);
    tracks.forEach((track, index) => {
      const at = MercatorCoordinate.fromLngLat([track.longitude, track.latitude]);
      const heading = (track.heading * Math.PI) / 180;
      const speed = track.speed * at.meterInMercatorCoordinateUnits();
      this.#data.set([at.x, at.y, Math.sin(heading) * speed, -Math.cos(heading) * speed], index * NUMBERS);
      this.#headings[index] = (((Math.round((track.heading / 360) * HEADINGS) % HEADINGS) + HEADINGS) % HEADINGS);
    });
    this.#since = performance.now();
    cancelAnimationFrame(this.#request);
    if (this.count > 0) this.#request = requestAnimationFrame(this.#draw);
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
    this.#request = requestAnimationFrame(this.#draw);
    if (width === 0 || height === 0) return;
    if (this.#stamps?.ratio !== ratio) this.#stamps = { ratio, of: stamps(ratio) };
    const [image, pixels] = this.#pixels(width, height);
    const centre = MercatorCoordinate.fromLngLat(this.map.getCenter());
    const world = WORLD_PX * 2 ** this.map.getZoom() * ratio;
    const [left, top] = [width / 2 - centre.x * world, height / 2 - centre.y * world];
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
