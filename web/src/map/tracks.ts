/**
 * Thousands of moving tracks on a canvas of their own above the map: they move along their headings with every frame
 * until the next positions come, and the map below is not drawn again for that.
 */
import { MercatorCoordinate, type Map as MapLibre } from 'maplibre-gl';
import type { Track } from '../picture/tracks';

/** Numbers for each track: x and y as parts of the world, and how far it moves a second, likewise, to the east and south. */
const NUMBERS = 4;
const RADIUS_PX = 6;
/** Pixels of the world at zoom 0. */
const WORLD_PX = 512;

export class TrackLayer {
  readonly #canvas = document.createElement('canvas');
  readonly #context = this.#canvas.getContext('2d') as CanvasRenderingContext2D;
  #data = new Float64Array(0);
  /** The arrowhead's corners for each track, in pixels. */
  #corners = new Float32Array(0);
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
    return this.#data.length / NUMBERS;
  }

  paint(colour: string): void {
    this.colour = colour;
  }

  put(tracks: readonly Track[]): void {
    this.#data = new Float64Array(tracks.length * NUMBERS);
    this.#corners = new Float32Array(tracks.length * 6);
    tracks.forEach((track, index) => {
      const at = MercatorCoordinate.fromLngLat([track.longitude, track.latitude]);
      const heading = (track.heading * Math.PI) / 180;
      const [s, c] = [Math.sin(heading), Math.cos(heading)];
      const speed = track.speed * at.meterInMercatorCoordinateUnits();
      this.#data.set([at.x, at.y, s * speed, -c * speed], index * NUMBERS);
      const corner = (x: number, y: number): [number, number] => [(x * c - y * s) * RADIUS_PX, (x * s + y * c) * RADIUS_PX];
      this.#corners.set([...corner(0, -1.3), ...corner(0.8, 0.9), ...corner(-0.8, 0.9)], index * 6);
    });
    this.#since = performance.now();
    cancelAnimationFrame(this.#request);
    if (this.count > 0) this.#request = requestAnimationFrame(this.#draw);
    else this.#context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  readonly #draw = (): void => {
    const { clientWidth: width, clientHeight: height } = this.map.getCanvas();
    const ratio = devicePixelRatio;
    if (this.#canvas.width !== width * ratio || this.#canvas.height !== height * ratio) {
      this.#canvas.width = width * ratio;
      this.#canvas.height = height * ratio;
    }
    const context = this.#context;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const centre = MercatorCoordinate.fromLngLat(this.map.getCenter());
    const world = WORLD_PX * 2 ** this.map.getZoom();
    const [left, top] = [width / 2 - centre.x * world, height / 2 - centre.y * world];
    const seconds = (performance.now() - this.#since) / 1000;
    const [data, corners] = [this.#data, this.#corners];
    context.beginPath();
    for (let at = 0, corner = 0; at < data.length; at += NUMBERS, corner += 6) {
      const x = left + (data[at]! + data[at + 2]! * seconds) * world;
      const y = top + (data[at + 1]! + data[at + 3]! * seconds) * world;
      if (x < -RADIUS_PX || y < -RADIUS_PX || x > width + RADIUS_PX || y > height + RADIUS_PX) continue;
      context.moveTo(x + corners[corner]!, y + corners[corner + 1]!);
      context.lineTo(x + corners[corner + 2]!, y + corners[corner + 3]!);
      context.lineTo(x + corners[corner + 4]!, y + corners[corner + 5]!);
    }
    context.fillStyle = this.colour;
    context.fill();
    this.frames += 1;
    this.#request = requestAnimationFrame(this.#draw);
  };
}
