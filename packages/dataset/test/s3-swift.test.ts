import { describe } from "vitest"
import { describeStore } from "./support/store-behaviour.ts"
import { hasSwift, swiftStore } from "./support/test-stores.ts"

describe.skipIf(!hasSwift())("OpenStack Swift, where Debian's python3-swift is installed", () => {
  describeStore("Swift", swiftStore)
})
