/**
 * Thousands of moving tracks as one draw call: positions go to the graphics card once, and it moves them along their
 * headings until the next positions come.
 */
import { MercatorCoordinate, type CustomLayerInterface, type CustomRenderMethodInput, type Map as MapLibre } from 'maplibre-gl';
import type { Track } from '../picture/tracks';

/** Numbers for each track: x, y, heading, metres a second as a part of the world. */
const NUMBERS = 4;
const RADIUS_PX = 7;

const VERTEX = `#version 300 es
uniform mat4 matrix;
uniform vec2 viewport;
uniform float seconds;
in vec2 corner;
in vec4 track;
void main() {
  float c = cos(track.z), s = sin(track.z);
  vec2 ahead = vec2(s, -c) * track.w * seconds;
  vec4 place = matrix * vec4(track.xy + ahead, 0.0, 1.0);
  vec2 turned = vec2(corner.x * c + corner.y * s, -corner.x * s + corner.y * c);
  gl_Position = vec4(place.xy + turned * ${RADIUS_PX.toFixed(1)} * 2.0 / viewport * place.w, place.z, place.w);
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
uniform vec4 colour;
out vec4 drawn;
void main() { drawn = colour; }`;
/** An arrowhead that points north. */
const CORNERS = new Float32Array([0, 1.3, -0.8, -0.9, 0, -0.45, 0, 1.3, 0, -0.45, 0.8, -0.9]);

export class TrackLayer implements CustomLayerInterface {
  readonly id = 'tracks';
  readonly type = 'custom' as const;
  readonly renderingMode = '2d' as const;
  #map: MapLibre | null = null;
  #gl: WebGL2RenderingContext | null = null;
  #program: WebGLProgram | null = null;
  #array: WebGLVertexArrayObject | null = null;
  #buffer: WebGLBuffer | null = null;
  #data = new Float32Array(0);
  #since = 0;
  #rgb: [number, number, number] = [0, 0, 0];
  /** Whether tracks move on between positions. */
  moves = true;

  constructor(colour: string) {
    this.colour(colour);
  }

  get count(): number {
    return this.#data.length / NUMBERS;
  }

  colour(hex: string): void {
    const value = Number.parseInt(hex.slice(1), 16);
    this.#rgb = [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
    this.#map?.triggerRepaint();
  }

  put(tracks: readonly Track[]): void {
    this.#data = new Float32Array(tracks.length * NUMBERS);
    tracks.forEach((track, index) => {
      const at = MercatorCoordinate.fromLngLat([track.longitude, track.latitude]);
      this.#data.set([at.x, at.y, (track.heading * Math.PI) / 180, track.speed * at.meterInMercatorCoordinateUnits()], index * NUMBERS);
    });
    this.#since = performance.now();
    if (this.#gl && this.#buffer) {
      this.#gl.bindBuffer(this.#gl.ARRAY_BUFFER, this.#buffer);
      this.#gl.bufferData(this.#gl.ARRAY_BUFFER, this.#data, this.#gl.DYNAMIC_DRAW);
    }
    this.#map?.triggerRepaint();
  }

  onAdd(map: MapLibre, context: WebGLRenderingContext | WebGL2RenderingContext): void {
    const gl = context as WebGL2RenderingContext;
    this.#map = map;
    this.#gl = gl;
    const program = gl.createProgram();
    for (const [type, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
      const shader = gl.createShader(type) as WebGLShader;
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    this.#program = program;
    this.#array = gl.createVertexArray();
    gl.bindVertexArray(this.#array);
    const corners = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, corners);
    gl.bufferData(gl.ARRAY_BUFFER, CORNERS, gl.STATIC_DRAW);
    const corner = gl.getAttribLocation(program, 'corner');
    gl.enableVertexAttribArray(corner);
    gl.vertexAttribPointer(corner, 2, gl.FLOAT, false, 0, 0);
    this.#buffer = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.#data, gl.DYNAMIC_DRAW);
    const track = gl.getAttribLocation(program, 'track');
    gl.enableVertexAttribArray(track);
    gl.vertexAttribPointer(track, NUMBERS, gl.FLOAT, false, 0, 0);
    gl.vertexAttribDivisor(track, 1);
    gl.bindVertexArray(null);
  }

  onRemove(): void {
    this.#map = null;
    this.#gl = null;
  }

  render(_: WebGLRenderingContext | WebGL2RenderingContext, input: CustomRenderMethodInput): void {
    const gl = this.#gl;
    if (!gl || !this.#program || this.count === 0) return;
    gl.useProgram(this.#program);
    gl.bindVertexArray(this.#array);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.disable(gl.CULL_FACE);
    gl.uniformMatrix4fv(gl.getUniformLocation(this.#program, 'matrix'), false, new Float32Array(input.defaultProjectionData.mainMatrix));
    gl.uniform2f(gl.getUniformLocation(this.#program, 'viewport'), gl.drawingBufferWidth / devicePixelRatio, gl.drawingBufferHeight / devicePixelRatio);
    gl.uniform1f(gl.getUniformLocation(this.#program, 'seconds'), this.moves ? (performance.now() - this.#since) / 1000 : 0);
    gl.uniform4f(gl.getUniformLocation(this.#program, 'colour'), ...this.#rgb, 1);
    gl.drawArraysInstanced(gl.TRIANGLES, 0, CORNERS.length / 2, this.count);
    gl.bindVertexArray(null);
    if (this.moves) this.#map?.triggerRepaint();
  }
}
