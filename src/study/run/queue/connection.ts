import type { Redis, RedisOptions } from "ioredis";
import { InputError, reasonOf, show } from "../../../config/errors.js";

/** The packages that a queue is made with: installed by who wants one, and loaded only here. */
export interface QueuePackages {
  bullmq: typeof import("bullmq");
  ioredis: typeof import("ioredis");
}

/** Where a queue is. */
export interface QueueAddress {
  /** As it may be printed: without a user's name and password */
  shown: string;
  options: RedisOptions;
}

/** An open way to a queue's server. */
export interface QueueConnection {
  address: QueueAddress;
  packages: QueuePackages;
  redis: Redis;
  /** Another connection, to the same place */
  another(): Redis;
  close(): Promise<void>;
}

/** All keys of cellfed in a server's database begin with it. */
export const prefix = "cellfed";
/** The one queue of a database: several studies may share it. */
export const queueName = "jobs";

const attempts = 3;
/** ms */
const connectTimeout = 4000;

/**
 * redis://[user[:password]@]host[:port][/database]; rediss:// with TLS.
 * @throws InputError, which does not repeat a password
 */
export function parseQueue(text: string, flag = "--queue"): QueueAddress {
  const form = "allowed: redis://[user:password@]host[:port][/database], rediss:// with TLS";
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    const shown = text.includes("@") ? "the address" : show(text);
    throw new InputError(flag, `${shown} is no address of a queue (${form})`);
  }
  const secure = url.protocol === "rediss:";
  if (!secure && url.protocol !== "redis:")
    throw new InputError(flag, `"${url.protocol}//…" is no address of a queue (${form})`);
  const database = url.pathname.replace(/^\//, "");
  if (!/^\d{0,4}$/.test(database)) throw new InputError(flag, `"${database}" is no number of a database (${form})`);
  const host = url.hostname.replace(/^\[|\]$/g, "") || "localhost";
  const port = url.port === "" ? 6379 : Number(url.port);
  const username = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  return {
    shown: `${url.protocol}//${host}:${port}${database === "" ? "" : `/${database}`}`,
    options: {
      ...{ host, port, db: Number(database) },
      ...(username !== "" && { username }),
      ...(password !== "" && { password }),
      ...(secure && { tls: { servername: host } }),
    },
  };
}

/**
 * Connects, and sees that somebody answers.
 * @throws InputError where the packages are not installed, and where nobody answers or refuses the password: what was
 *   tried, and how a server is started
 */
export async function openQueue(text: string, flag = "--queue"): Promise<QueueConnection> {
  const address = parseQueue(text, flag);
  const packages = await loadPackages(flag);
  const { Redis } = packages.ioredis;
  await answered(() => new Redis({ ...address.options, ...once }), address, flag);
  const opened = new Set<Redis>();
  const another = (): Redis => {
    // Once there was an answer, a server that is away for a while is waited for
    const redis = new Redis({
      ...address.options,
      ...{ maxRetriesPerRequest: null, retryStrategy: (times: number) => Math.min(100 * times, 3000) },
    });
    redis.on("error", () => {}); // it tries again by itself
    opened.add(redis);
    return redis;
  };
  return {
    ...{ address, packages, redis: another(), another },
    async close() {
      for (const redis of opened) redis.disconnect();
    },
  };
}

const once: RedisOptions = { lazyConnect: true, connectTimeout, maxRetriesPerRequest: 0, retryStrategy: () => null };

async function answered(make: () => Redis, { shown }: QueueAddress, flag: string): Promise<void> {
  let reason = "";
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 500 * attempt));
    const redis = make();
    redis.on("error", (error) => {
      reason = wordsOf(error);
    });
    try {
      await redis.connect();
      await redis.ping();
      return;
    } catch (error) {
      if (reason === "" || isRefusal(error)) reason = wordsOf(error);
      if (isRefusal(error)) throw new InputError(flag, `${shown} refuses: ${reason}`, { cause: error });
    } finally {
      redis.disconnect();
    }
  }
  throw new InputError(
    flag,
    `nobody answers at ${shown} (${reason}; tried ${attempts} times): start a server there, such as ` +
      "`redis-server` or `docker run -p 6379:6379 redis`, or give the address of one",
  );
}

/** It answers, and does not want us: no other attempt would change that. */
function isRefusal(error: unknown): boolean {
  return /^(WRONGPASS|NOAUTH|NOPERM|ERR)\b/.test(reasonOf(error));
}

function wordsOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  const words: Record<string, string> = {
    ECONNREFUSED: "connection refused",
    ENOTFOUND: "no such host",
    EAI_AGAIN: "no such host",
    ETIMEDOUT: "no answer",
    EHOSTUNREACH: "no way to the host",
    ENETUNREACH: "no way to the host",
  };
  return words[code ?? ""] ?? reasonOf(error);
}

async function loadPackages(flag: string): Promise<QueuePackages> {
  try {
    const [bullmq, ioredis] = await Promise.all([import("bullmq"), import("ioredis")]);
    return { bullmq, ioredis };
  } catch (error) {
    throw new InputError(flag, "needs two packages that are not installed: npm install bullmq ioredis", {
      cause: error,
    });
  }
}
