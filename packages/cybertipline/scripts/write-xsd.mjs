/** Writes the package's schemas from its model: `node -C @nightlight/source packages/cybertipline/scripts/write-xsd.mjs`. */
import { writeFileSync } from "node:fs"
import { SCHEMA_VERSIONS, writeXsd } from "@nightlight/cybertipline"

for (const version of SCHEMA_VERSIONS) {
  writeFileSync(new URL(`../xsd/cyber_tipline-${version}.xsd`, import.meta.url), writeXsd(version))
}
