/** Where the custodian of the same data folder listens. */
export const DEFAULT_SOCKET = "../custodian/run/custodian.sock"

/** The text of a new `server.yaml`, with a comment on every key a newcomer meets. */
export const DEFAULT_SERVER_YAML = `# Nightlight server. Every key is described in docs/reference/server-config.md.
version: 1

# Origins that browsers call, such as https://nightlight.example; links use the first. Required behind a proxy that ends
# TLS. Empty: only this machine can use it.
origins: []

listen:
  host: 127.0.0.1
  port: 8080

admin:
  # Prometheus metrics and health detail, only on this machine; null: none.
  port: null

organisation:
  # Named in every report to NCMEC. Nothing can be filed before company and contact are set.
  company: null
  contact: null
  # contact:
  #   firstName: Ada
  #   lastName: Example
  #   email: safety@example.com
  #   phone: null
  termsUrl: null
  legalUrl: null

review:
  secondReviewSampling: 0.1 # share of decisions that a second reviewer reviews

exposure:
  # What one reviewer may view. No budget ever keeps anybody from deciding or filing without a viewing.
  timeZone: UTC
  itemsPerDay: 60
  originalsPerDay: 10
  minutesPerDay: 300
  breakAfterMinutes: 55
  breakMinutes: 10

viewing:
  # Limits of how items are shown, in black and white; people can make them stricter for themselves.
  maxSizePx: 256 # longest side
  minBlurPx: 0 # added to the blur of the custodian
  maxSeconds: 10 # until it is hidden again

pager:
  # Receives a code and a case's id when a child may be in danger now.
  webhook: null
  # Whom to telephone if no pager accepts the call.
  contact: null
  # contact: { name: Duty officer, telephone: "+1 555 0100" }

signIn:
  passwords: true
  providers: []
  # - id: company
  #   label: Company account
  #   issuer: https://login.example.com
  #   clientId: nightlight
  #   clientSecretFile: oidc-secret

approvals:
  # The requester and the approver sign with the key that the custodian knows. "when-enrolled" lets people without a key
  # approve unsigned, which the log records.
  signed: required

reports:
  # test never closes a case. Production also needs the custodian's own configuration.
  environment: test
  # Production refuses to file while the custodian has no OS user of its own, unless this is "accept".
  sharedCustody: refuse

decoder:
  # Production is not ready and files nothing if nothing isolates the decoder of media, unless this is "accept".
  withoutIsolation: refuse

screen:
  concurrency: 64 # screenings at once, in each server process

limits:
  # Limits of one key, or one signed-in person, in each server process; beyond them 429.
  callsPerMinute: 30000
  concurrentBodies: 32

preservation:
  backupDays: 30 # until the oldest backup is gone; certificates of destruction state it

log:
  level: info

# Relative to this file's folder.
paths:
  contextKey: context.key
  digestKey: digest.key
  workspace: ..
  custodianSocket: ${DEFAULT_SOCKET}

# Places that the database's owner cannot write, for copies of the log's signed checkpoints: folders on other storage,
# buckets, other witnesses.
checkpoints:
  copies: []
`
