/** Hatchings and signs, drawn in the browser: areas are told apart without colour, and protected objects by a sign of protection. */
import type { Map as MapLibre } from 'maplibre-gl';

/** Twice the size, for dense displays. */
const RATIO = 2;

type Pen = (context: CanvasRenderingContext2D, size: number) => void;

const lines =
  (...angles: ('up' | 'down' | 'flat')[]): Pen =>
  (context, size) => {
    context.beginPath();
    for (const angle of angles) {
      if (angle === 'flat') {
        context.moveTo(0, size / 2);
        context.lineTo(size, size / 2);
        continue;
      }
      for (const shift of [-size, 0, size]) {
        context.moveTo(shift, angle === 'up' ? size : 0);
        context.lineTo(shift + size, angle === 'up' ? 0 : size);
      }
    }
    context.stroke();
  };
const dots: Pen = (context, size) => {
  context.beginPath();
  context.arc(size / 2, size / 2, size / 9, 0, Math.PI * 2);
  context.fill();
};
const nothing: Pen = () => undefined;

/** Hatching by kind of area. */
const HATCHES: Record<string, [Pen, number]> = {
  designated_area: [lines('up', 'down'), 12],
  concentrated: [lines('up', 'down'), 12],
  significant: [lines('up'), 10],
  possible: [dots, 10],
  prohibited_area: [lines('down'), 7],
  restricted_operations_zone: [lines('down'), 14],
  no_fire_area: [lines('flat'), 9],
  corridor: [nothing, 8],
  demilitarised_zone: [dots, 14],
  pause: [lines('flat', 'up'), 16],
  loosened: [lines('down'), 9],
  tightened: [lines('up'), 5],
  ground_changed: [dots, 7],
};

function canvas(size: number): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const made = document.createElement('canvas');
  made.width = made.height = size * RATIO;
  const context = made.getContext('2d') as CanvasRenderingContext2D;
  context.scale(RATIO, RATIO);
  return [made, context];
}

function image(made: HTMLCanvasElement): ImageData {
  return (made.getContext('2d') as CanvasRenderingContext2D).getImageData(0, 0, made.width, made.height);
}

export function hatch(kind: string, colour: string): HTMLCanvasElement | null {
  const found = HATCHES[kind];
  if (!found) return null;
  const [pen, size] = found;
  const [made, context] = canvas(size);
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = 1.1;
  pen(context, size);
  return made;
}

/** A shield: what it marks is protected. */
export function shield(colour: string, ground: string): HTMLCanvasElement {
  const [made, context] = canvas(24);
  context.beginPath();
  context.moveTo(12, 2);
  context.lineTo(21, 5);
  context.lineTo(21, 12);
  context.quadraticCurveTo(21, 19, 12, 22.5);
  context.quadraticCurveTo(3, 19, 3, 12);
  context.lineTo(3, 5);
  context.closePath();
  context.fillStyle = colour;
  context.strokeStyle = ground;
  context.lineWidth = 1.5;
  context.fill();
  context.stroke();
  context.fillStyle = ground;
  context.fillRect(10.4, 7, 3.2, 10);
  context.fillRect(7, 10.4, 10, 3.2);
  return made;
}

/** A mark with a letter-like stroke, for what was reported to happen at a place. */
export function mark(colour: string, ground: string): HTMLCanvasElement {
  const [made, context] = canvas(22);
  context.beginPath();
  context.moveTo(11, 2);
  context.lineTo(20.5, 19);
  context.lineTo(1.5, 19);
  context.closePath();
  context.fillStyle = colour;
  context.strokeStyle = ground;
  context.lineWidth = 1.5;
  context.fill();
  context.stroke();
  context.fillStyle = ground;
  context.fillRect(10, 8, 2, 6);
  context.fillRect(10, 15, 2, 2);
  return made;
}

export function addPatterns(map: MapLibre, theme: 'light' | 'dark', colours: Record<string, string>): void {
  const ground = theme === 'dark' ? '#0c1218' : '#ffffff';
  const add = (name: string, made: HTMLCanvasElement | null): void => {
    if (made && !map.hasImage(`${theme}-${name}`)) map.addImage(`${theme}-${name}`, image(made), { pixelRatio: RATIO });
  };
  for (const kind of Object.keys(HATCHES)) add(kind, hatch(kind, colours[kind] ?? colours['calm']!));
  add('protected', shield(colours['protected_object']!, ground));
  add('event', mark(colours['event']!, ground));
}
