/** Returns the text of a new `guard.yaml`, with a comment on every key that a newcomer meets. */
export function defaultGuardText(): string {
  return `# Nightlight guard. Every key is described in docs/reference/guard-config.md.
version: 1

listen: { host: 127.0.0.1, port: 8081 }
admin: { host: 127.0.0.1, port: 8082 } # /readyz and /metrics; never where callers are

upstream:
  url: null    # such as http://127.0.0.1:8000/v1; or --upstream
  auth: caller # the caller's own key is passed on; "key" gives the one in keyFile instead

# Keys that may call, by their digests: nightlight guard key NAME adds one. Without the file whoever reaches the port
# may call, and nobody is trusted.
keysFile: null # guard-keys.yaml

# Endpoints that are open, such as [chat, models]; null opens all. Every surface of each needs a check, or an exception
# by two people.
endpoints: null

checks:
  # Every picture, in and out, against the workspace's lists.
  - { kind: hash-match, name: lists }
  # Texts against your own phrases; the file holds rules, see docs/guides/guard.md.
  # - { kind: patterns, name: words, file: patterns.yaml }

# Where nothing isolates what decodes pictures the guard does not start, unless somebody writes "accept" here.
decoder: { withoutIsolation: refuse }

exceptions: []
#  - surface: chat.output.text
#    reason: why nothing looks at it
#    approvedBy: [first person, second person]
#    until: "2027-01-31T00:00:00Z"
`
}
