/**
 * Moving a map where the processor draws it: the last picture is pushed and stretched with the hand, and drawn anew a few
 * times a second and when the hand rests. Drawing fifty thousand shapes takes a processor longer than a frame has; pushing
 * a picture of them does not.
 *
 * Where the picture does not reach yet, the ground shows until it is drawn anew. With a graphics processor nothing of this
 * happens: every frame is drawn.
 */
import { MercatorCoordinate, type Map as MapLibre } from 'maplibre-gl';

/** The shortest time from the end of one drawing to the beginning of the next while the map moves. */
const REST_MIN_MS = 120;
/** The processor rests this many times as long as the last drawing took: most of the time is for frames. */
const RESTS = 4;
/** The longest rest: a hand that keeps moving sees what is new within it. */
const REST_MAX_MS = 700;
/** The first picture is drawn after this long at the latest, with whatever has come. */
const HOLD_MAX_MS = 600;
/** A drawing that is as quick as this needs no help. */
const QUICK_MS = 12;

let isSoftware: boolean | null = null;

/** Whether a browser without a graphics processor draws here, by what it calls its renderer. */
export function isSoftwareRenderer(name: string): boolean {
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}

/** Whether the processor draws; asked of the map's own context once. */
function drawsInSoftware(map: MapLibre): boolean {
  if (isSoftware === null) {
    const context = map.getCanvas().getContext('webgl2');
    const asked = context?.getExtension('WEBGL_debug_renderer_info');
    isSoftware = isSoftwareRenderer(String((asked && context?.getParameter(asked.UNMASKED_RENDERER_WEBGL)) ?? ''));
  }
  return isSoftware;
}

/** What a picture shows: its middle as parts of the world, its zoom, and its size. */
export interface Aim {
  x: number;
  y: number;
  zoom: number;
  width: number;
  height: number;
}

/** Pixels of the world at zoom 0. */
const WORLD_PX = 512;

/** How a picture of one view lies in another, from the upper left corner: pushed by pixels, stretched by a factor. */
export function placed(picture: Aim, now: Aim): { x: number; y: number; scale: number } {
  const scale = 2 ** (now.zoom - picture.zoom);
  const world = WORLD_PX * 2 ** now.zoom;
  const east = picture.x - now.x;
  const x = (east - Math.round(east)) * world + now.width / 2 - (picture.width / 2) * scale;
  const y = (picture.y - now.y) * world + now.height / 2 - (picture.height / 2) * scale;
  // Pushed alone it stays on whole pixels, and sharp.
  return scale === 1 ? { x: Math.round(x), y: Math.round(y), scale } : { x, y, scale };
}

export class Glide {
  readonly #ground = document.createElement('div');
  readonly #canvas = document.createElement('canvas');
  readonly #context = this.#canvas.getContext('2d', { alpha: false, willReadFrequently: true }) as CanvasRenderingContext2D;
  #picture: Aim | null = null;
  #drawnAt = 0;
  readonly #began = performance.now();
  #cost = 0;
  /** Drawings of the whole map so far, for measuring. */
  #drawings = 0;

  constructor(private readonly map: MapLibre) {
    this.#ground.className = 'glide';
    this.#ground.setAttribute('aria-hidden', 'true');
    this.#ground.hidden = true;
    this.#ground.append(this.#canvas);
    map.getCanvas().after(this.#ground);
    const painter = map.painter;
    const draw = painter.render.bind(painter);
    painter.render = (...how: Parameters<typeof draw>): void => {
      if (this.#holdsBack() || this.#pushes()) return;
      draw(...how);
      this.#drew();
    };
  }

  /**
   * Leaves the first picture undrawn until what it shows has come, where the processor draws: it would only draw half of it
   * several times over while the rest is still being read.
   */
  #holdsBack(): boolean {
    if (this.#drawings > 0 || performance.now() - this.#began > HOLD_MAX_MS || !drawsInSoftware(this.map)) return false;
    return !this.map.loaded();
  }

  /** Pushes the last picture instead of drawing, when that will do for this frame. */
  #pushes(): boolean {
    if (!this.map.isMoving() || !drawsInSoftware(this.map)) return false;
    const began = performance.now();
    const rest = Math.min(REST_MAX_MS, Math.max(REST_MIN_MS, RESTS * this.#cost));
    if (this.#picture && began - this.#drawnAt < rest) {
      const { x, y, scale } = placed(this.#picture, this.#aim());
      this.#canvas.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
      return true;
    }
    this.#drawnAt = began;
    return false;
  }

  /** Keeps a picture of what was drawn while the map moves, and puts the kept one away when it stands. */
  #drew(): void {
    this.#ground.dataset['drawings'] = String((this.#drawings += 1));
    if (!this.map.isMoving() || !drawsInSoftware(this.map)) {
      this.#ground.hidden = true;
      this.#picture = null;
      return;
    }
    const source = this.map.getCanvas();
    if (this.#canvas.width !== source.width || this.#canvas.height !== source.height) {
      this.#canvas.width = source.width;
      this.#canvas.height = source.height;
      this.#canvas.style.width = `${source.clientWidth}px`;
      this.#canvas.style.height = `${source.clientHeight}px`;
    }
    // What was drawn can be read until this task ends; reading it waits for the drawing, and so tells what it costs.
    this.#context.drawImage(source, 0, 0);
    const now = performance.now();
    this.#cost = now - this.#drawnAt;
    this.#drawnAt = now;
    this.#picture = this.#cost < QUICK_MS ? null : this.#aim();
    this.#canvas.style.transform = '';
    this.#ground.hidden = this.#picture === null;
  }

  #aim(): Aim {
    const { x, y } = MercatorCoordinate.fromLngLat(this.map.getCenter());
    const { clientWidth: width, clientHeight: height } = this.map.getCanvas();
    return { x, y, zoom: this.map.getZoom(), width, height };
  }
}
