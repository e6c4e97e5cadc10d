/**
 * The child that makes one rendition, without native decoders.
 * @module
 */
import sharp from "sharp"
import "../../src/child/rendition/main.ts"

sharp.block({ operation: ["VipsForeignLoad"] })
