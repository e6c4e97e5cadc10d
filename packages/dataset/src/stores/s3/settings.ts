/** How an object store is reached, where `nightlight.yaml` says more than AWS's own environment and files. */
export interface S3Settings {
  /** Address of a store that is not AWS's, such as `https://objects.example`; null for the environment's. */
  readonly endpoint: string | null
  /** Whether the bucket is part of the path instead of the host name; null: if there is an endpoint. */
  readonly forcePathStyle: boolean | null
}

/** Leaves everything to the environment. */
export const DEFAULT_S3_SETTINGS: S3Settings = { endpoint: null, forcePathStyle: null }
