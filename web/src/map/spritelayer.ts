/**
 * A deck.gl layer of textured rectangles of fixed pixel size, anchored at a position: symbols, plots, letters and
 * leader lines are all sprites of one atlas, so a whole picture is a handful of draw calls.
 *
 * Everything comes as binary attributes: positions (lon, lat), rects (offset x, y from the anchor to the rectangle's
 * corner and its width and height, in CSS pixels, y down), frames (x, y, width, height in the atlas), colors (multiply
 * the texture; the texture is premultiplied), and optionally angles (radians, about the corner, for lines).
 */
import { Layer, picking, project32 } from "@deck.gl/core";
import type { Texture } from "@luma.gl/core";
import { Geometry, Model } from "@luma.gl/engine";

const uniformBlock = `\
layout(std140) uniform spriteUniforms {
  vec2 textureDim;
  float scale;
  float snap;
  vec3 halo;
} sprite;
`;

const spriteUniforms = {
  name: "sprite",
  vs: uniformBlock,
  fs: uniformBlock,
  uniformTypes: { textureDim: "vec2<f32>", scale: "f32", snap: "f32", halo: "vec3<f32>" },
} as const;

const vs = `\
#version 300 es
#define SHADER_NAME vigie-sprite-vertex
in vec2 positions;
in vec2 instancePositions;
in vec2 instancePositions64Low;
in vec4 instanceRects;
in vec4 instanceFrames;
in vec4 instanceColors;
in float instanceAngles;
out vec4 vColor;
out vec2 vTexture;

void main(void) {
  geometry.worldPosition = vec3(instancePositions, 0.0);
  vec4 clip = project_position_to_clipspace(
    vec3(instancePositions, 0.0), vec3(instancePositions64Low, 0.0), vec3(0.0), geometry.position);
  if (sprite.snap > 0.5) {
    // Letters are sharp only where a texel falls on a pixel: move the anchor to the nearest one.
    vec2 pixel = (clip.xy / clip.w * 0.5 + 0.5) * project.viewportSize;
    clip.xy = (floor(pixel + 0.5) / project.viewportSize * 2.0 - 1.0) * clip.w;
  }
  vec2 corner = instanceRects.zw * positions;
  float c = cos(instanceAngles);
  float s = sin(instanceAngles);
  corner = mat2(c, s, -s, c) * corner;
  vec2 offset = (instanceRects.xy + corner) * sprite.scale;
  offset.y = -offset.y;
  clip.xy += project_pixel_size_to_clipspace(offset);
  gl_Position = clip;
  vTexture = (instanceFrames.xy + instanceFrames.zw * positions) / sprite.textureDim;
  vColor = instanceColors;
}
`;

const fs = `\
#version 300 es
#define SHADER_NAME vigie-sprite-fragment
precision highp float;
uniform sampler2D spriteTexture;
in vec4 vColor;
in vec2 vTexture;
out vec4 fragColor;

void main(void) {
  vec4 texel = texture(spriteTexture, vTexture);
  if (texel.a < 0.004) discard;
  // The texture is premultiplied (so that it can be interpolated), the blending of the map is not.
  vec3 color = texel.rgb / texel.a;
  // Black of the texture is halo: letters are drawn white on black and take the two colours here.
  float black = 1.0 - max(color.r, max(color.g, color.b));
  fragColor = vec4(color * vColor.rgb + black * sprite.halo, texel.a * vColor.a * layer.opacity);
}
`;

export interface SpriteData {
  length: number;
  attributes: {
    instancePositions: { value: Float64Array | Float32Array; size: 2 };
    instanceRects: { value: Float32Array; size: 4 };
    instanceFrames: { value: Float32Array; size: 4 };
    instanceColors: { value: Uint8ClampedArray; size: 4 };
    instanceAngles?: { value: Float32Array; size: 1 };
  };
}

interface SpriteProps {
  data: SpriteData;
  texture: Texture;
  scale?: number;
  snap?: boolean;
  /** Colour (0..1) that black in the texture takes; black where it is left out. */
  halo?: readonly [number, number, number];
}

export class SpriteLayer extends Layer<Required<SpriteProps>> {
  static override layerName = "SpriteLayer";
  static override defaultProps = {
    getAngle: { type: "accessor", value: 0 },
    texture: { type: "object", value: null, ignore: true },
    scale: 1,
    snap: false,
    halo: { type: "array", value: [0, 0, 0] },
  };

  declare state: { model?: Model };

  override getShaders(): object {
    return super.getShaders({ vs, fs, modules: [project32, picking, spriteUniforms] }) as object;
  }

  override initializeState(): void {
    const attributes = this.getAttributeManager();
    attributes?.addInstanced({
      instancePositions: { size: 2, type: "float64", fp64: this.use64bitPositions(), noAlloc: true },
      instanceRects: { size: 4, noAlloc: true },
      instanceFrames: { size: 4, noAlloc: true },
      instanceColors: { size: 4, type: "unorm8", noAlloc: true },
      instanceAngles: { size: 1, accessor: "getAngle", defaultValue: 0 },
    });
    this.state = {
      model: new Model(this.context.device, {
        ...this.getShaders(),
        id: this.props.id,
        bufferLayout: attributes?.getBufferLayouts() ?? [],
        geometry: new Geometry({
          topology: "triangle-strip",
          attributes: { positions: { size: 2, value: new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]) } },
        }),
        // deck.gl 9 counts the rectangles itself only for a model that says it is instanced.
        // eslint-disable-next-line @typescript-eslint/no-deprecated
        isInstanced: true,
      }),
    };
  }

  override draw(): void {
    const { texture, scale, snap, halo } = this.props;
    const model = this.state.model;
    if (model === undefined) return;
    model.shaderInputs.setProps({
      sprite: {
        spriteTexture: texture, textureDim: [texture.width, texture.height], scale, snap: snap ? 1 : 0, halo,
      },
    });
    model.draw(this.context.renderPass);
  }
}
