/**
 * The child that makes one rendition, from which every native decoder was taken.
 * @module
 */
import sharp from "sharp"
import "../../src/child/rendition/main.ts"

sharp.block({ operation: ["VipsForeignLoad"] })
