/**
 * Every case of the suite, in the order in which they run.
 * @module
 */
import type { ConformanceCase } from "../case/case.ts"
import { CHAT_FAULT_CASES } from "./chat-faults.ts"
import { CHAT_INPUT_CASES } from "./chat-input.ts"
import { CHAT_OUTPUT_CASES } from "./chat-output.ts"
import { CONTROL_CASES } from "./controls.ts"
import { FORMAT_CASES } from "./formats.ts"
import { FRAMING_CASES } from "./framing.ts"
import { IMAGE_CASES } from "./images.ts"
import { JOINED_CASES } from "./joined.ts"
import { OTHER_CASES } from "./others.ts"
import { RESPONSES_CASES } from "./responses.ts"
import { SIDE_DOOR_CASES } from "./side-doors.ts"
import { WRITTEN_PICTURE_CASES } from "./written-pictures.ts"
import { WRITTEN_WORD_CASES } from "./written-words.ts"

/** All cases; controls come first. */
export const CONFORMANCE_CASES: readonly ConformanceCase[] = [
  ...CONTROL_CASES,
  ...CHAT_INPUT_CASES,
  ...CHAT_OUTPUT_CASES,
  ...CHAT_FAULT_CASES,
  ...RESPONSES_CASES,
  ...OTHER_CASES,
  ...IMAGE_CASES,
  ...SIDE_DOOR_CASES,
  ...WRITTEN_PICTURE_CASES,
  ...WRITTEN_WORD_CASES,
  ...JOINED_CASES,
  ...FORMAT_CASES,
  ...FRAMING_CASES,
]
