import { optional, repeated, required, sequence } from "./build.ts"
import { int, reportNumber, text, token } from "./scalars.ts"

/** The answer to everything but `/finish` and `/xsd`. */
export const reportResponseElement = required(
  "reportResponse",
  sequence([
    required("responseCode", int),
    required("responseDescription", text),
    optional("reportId", reportNumber),
    optional("fileId", token),
    optional("hash", token, { doc: "MD5 of the bytes received." }),
  ]),
)

/** The answer to `/finish`. */
export const reportDoneResponseElement = required(
  "reportDoneResponse",
  sequence([
    required("responseCode", int),
    required("reportId", reportNumber),
    required("files", sequence([repeated("fileId", text)])),
  ]),
)
