/**
 * Tools of a response, and the form of its text.
 * @module
 */
import { pictureUrl } from "../../inspect/pictures.ts"
import {
  anyJson,
  byType,
  flag,
  integer,
  list,
  nullable,
  object,
  oneOf,
  refused,
  type Shape,
  text,
  variants,
  withRole,
} from "../../inspect/shape.ts"
import { alwaysSends } from "../forced.ts"

const definition = text("definition")
const type = (name: string) => oneOf(name)

const callers = {
  allowed_callers: nullable(list(oneOf("direct"), 1)),
  async: nullable(oneOf(false)),
  defer_loading: nullable(oneOf(false)),
}

const tool = variants("type", {
  function: object(
    { type: type("function"), name: definition },
    {
      description: nullable(definition),
      parameters: nullable(anyJson("definition")),
      output_schema: nullable(anyJson("definition")),
      strict: nullable(flag),
      ...callers,
    },
  ),
  custom: object(
    { type: type("custom"), name: definition },
    {
      description: definition,
      format: variants("type", {
        text: object({ type: type("text") }),
        grammar: object({ type: type("grammar"), definition, syntax: oneOf("lark", "regex") }),
      }),
      ...callers,
    },
  ),
  image_generation: object(
    { type: type("image_generation") },
    {
      action: oneOf("generate", "edit", "auto"),
      background: oneOf("transparent", "opaque", "auto"),
      input_fidelity: nullable(oneOf("high", "low")),
      input_image_mask: object(
        { image_url: pictureUrl },
        { file_id: refused("uploaded files are not allowed: send the picture as a data: URL") },
      ),
      model: text("label"),
      moderation: alwaysSends("auto", oneOf("auto", "low")),
      output_compression: integer(0, 100),
      output_format: oneOf("png", "webp", "jpeg"),
      partial_images: alwaysSends(0, integer(0, 3)),
      quality: oneOf("low", "medium", "high", "xhigh", "max", "auto"),
      size: text("label"),
    },
  ),
})

const named = (kind: string) => object({ type: type(kind), name: definition })

/** Tools: the caller's own, and image generation. Tools that fetch or run something elsewhere are refused. */
export const responsesTools: Shape = withRole("system", list(tool, 512))

/** The tool that is to be called. */
export const responsesToolChoice: Shape = withRole(
  "system",
  byType({
    string: oneOf("none", "auto", "required"),
    object: variants("type", {
      function: named("function"),
      custom: named("custom"),
      image_generation: object({ type: type("image_generation") }),
      allowed_tools: object({
        type: type("allowed_tools"),
        mode: oneOf("auto", "required"),
        tools: list(anyJson("definition"), 512),
      }),
    }),
  }),
)

/** The form of the answer's text. */
export const responsesText: Shape = withRole(
  "system",
  object(
    {},
    {
      verbosity: nullable(oneOf("low", "medium", "high")),
      format: variants("type", {
        text: object({ type: type("text") }),
        json_object: object({ type: type("json_object") }),
        json_schema: object(
          { type: type("json_schema"), name: definition, schema: anyJson("definition") },
          { description: nullable(definition), strict: nullable(flag) },
        ),
      }),
    },
  ),
)
