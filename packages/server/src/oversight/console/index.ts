export { type ConsoleManifest, manifestDigest, readConsoleManifest } from "./manifest.ts"
export { type ConsoleCheck, type ConsoleDifference, verifyConsoleAt, verifyConsoleFolder } from "./verify.ts"
