/**
 * `nightlight up --demo`: an installation with a working day's cases in it, of generated shapes and made-up metadata.
 *
 * Under `--json` the last line before it waits to be stopped is one event:
 *
 * ```json
 * {
 *   "event": "demo",
 *   "url": "http://localhost:8080",
 *   "folder": "/somewhere/nightlight-demo",
 *   "passphrase": "nightlight demonstration",
 *   "people": [
 *     {
 *       "id": "person-…",
 *       "name": "Reviewer One",
 *       "email": "reviewer.one@example.org",
 *       "role": "reviewer",
 *       "password": "…",
 *       "totpSecret": "BASE32…",
 *       "otpauthUri": "otpauth://totp/…",
 *       "enrolmentCode": "…"
 *     }
 *   ]
 * }
 * ```
 *
 * `enrolmentCode` is there for people whose role proves acts to the custodian and who have not brought a key yet: it is
 * what they type once, so that their browser's signing key is believed. The same lies in `demo.json` (0600) in the folder.
 *
 * What stands sealed beside a find of an exchange is what a guard seals; `said` names the flagged turns besides, counted
 * from 0 over request and answer: `{request, answer?, flagged: number[]}`.
 * @module
 */
export { runDemoDay } from "./run-demo-day.ts"
