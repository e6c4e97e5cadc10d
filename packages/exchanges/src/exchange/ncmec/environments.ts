/** Addresses of NCMEC's hash sharing by environment, without `/v2`. Every environment has credentials of its own. */
export const NCMEC_ENVIRONMENTS = {
  "industry-csam": {
    production: "https://report.cybertip.org/hashsharing",
    test: "https://exttest.cybertip.org/hashsharing",
  },
  "industry-exploitative": {
    production: "https://report.cybertip.org/exploitative-hashsharing",
    test: "https://exttest.cybertip.org/exploitative-hashsharing",
  },
  "law-enforcement-csam": {
    production: "https://lesp.ncmec.org/csam-hashsharing",
    test: "https://betalesp.ncmec.org/csam-hashsharing",
  },
  "npo-csam": {
    production: "https://hashsharing.ncmec.org/npo",
    test: "https://hashsharing-test.ncmec.org/npo",
  },
  "npo-exploitative": {
    production: "https://hashsharing.ncmec.org/exploitative",
    test: "https://hashsharing-test.ncmec.org/exploitative",
  },
  "npo-generative-ai-csam": {
    production: "https://hashsharing.ncmec.org/generative-ai-csam",
    test: "https://hashsharing-test.ncmec.org/generative-ai-csam",
  },
  "npo-generative-ai-exploitative": {
    production: "https://hashsharing.ncmec.org/generative-ai-exploitative",
    test: "https://hashsharing-test.ncmec.org/generative-ai-exploitative",
  },
} as const

/** Names of the environments. */
export const ncmecEnvironments = Object.keys(NCMEC_ENVIRONMENTS) as [keyof typeof NCMEC_ENVIRONMENTS]
