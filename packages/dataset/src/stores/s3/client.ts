/**
 * The connection to an object store.
 * @module
 */
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3"
import { compact, MINUTE_MS } from "@nightlight/core"
import { assertWebAddress } from "../web-address.ts"
import { toStoreError } from "./errors.ts"
import type { S3Settings } from "./settings.ts"

/** How often a call is tried: about ten seconds of waiting, each wait twice the last and shortened at random. */
const ATTEMPTS = 7
const CONNECT_TIMEOUT_MS = 10_000
/** Longest time without a byte. */
const IDLE_TIMEOUT_MS = MINUTE_MS

/** For stores that are not AWS, which have no regions but sign with one. */
const DEFAULT_REGION = "us-east-1"

/** One bucket, with the client that reaches it. */
export interface Bucket {
  readonly client: S3Client
  readonly name: string
}

/**
 * Connects to the store of a bucket. Credentials, region and endpoint come from AWS's environment variables and files,
 * the endpoint from the settings first. Throttled and failed calls are tried again.
 *
 * @throws {RequestError} `input_invalid` if the environment's endpoint is no URL.
 */
export async function openBucket(name: string, settings: S3Settings): Promise<Bucket> {
  const config = clientConfig(settings)
  const client = new S3Client(config)
  try {
    await client.config.region()
    return { client, name }
  } catch {
    return { client: new S3Client({ ...config, region: DEFAULT_REGION }), name }
  }
}

function clientConfig({ endpoint, forcePathStyle }: S3Settings): S3ClientConfig {
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_MAX_ATTEMPTS } = process.env
  if (endpoint === null && AWS_ENDPOINT_URL_S3) assertWebAddress(AWS_ENDPOINT_URL_S3, "AWS_ENDPOINT_URL_S3")
  else if (endpoint === null && AWS_ENDPOINT_URL) assertWebAddress(AWS_ENDPOINT_URL, "AWS_ENDPOINT_URL")
  const hasEndpoint = [endpoint, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL].some((url) => url !== null && url !== undefined)
  return compact({
    endpoint: endpoint ?? undefined,
    forcePathStyle: forcePathStyle ?? hasEndpoint,
    maxAttempts: AWS_MAX_ATTEMPTS === undefined ? ATTEMPTS : undefined,
    followRegionRedirects: true,
    // Checksums are sent and compared explicitly: streams with trailing checksums are refused by many stores.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: IDLE_TIMEOUT_MS,
      httpAgent: { maxSockets: 64, keepAlive: true },
      httpsAgent: { maxSockets: 64, keepAlive: true },
    },
  })
}

/**
 * Runs a call.
 *
 * @throws as `toStoreError` says; errors that `expected` accepts are passed on as they are.
 */
export async function calling<T>(
  bucket: Bucket,
  what: "list" | "read" | "write" | "delete",
  call: () => Promise<T>,
  expected: (error: unknown) => boolean = () => false,
): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw expected(error) ? error : toStoreError(error, bucket.name, what)
  }
}
