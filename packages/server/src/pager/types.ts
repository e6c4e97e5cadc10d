/** How a person is called. Both may be set; then both are used. */
export interface PagerConfig {
  /** Takes a POST of `{"code": "imminent-danger", "subject": "case-<uuid>", "at": "<ISO 8601>"}`; any 2xx is success. */
  readonly webhook?: {
    /** `https://…`, or `http://` on loopback. */
    readonly url: string
  }
  /** A program and its arguments; code and id are added to them. Status 0 is success. */
  readonly command?: readonly [string, ...string[]]
}
