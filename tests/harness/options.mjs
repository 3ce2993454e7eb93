// Translates the options of the harness, with the wrangler.json of the build, into those of miniflare.
//
//   worker    folder of one build: guard.js, index.js, index_bg.wasm, wrangler.json
//   assets    folder of the static assets (default: wrangler.json's)
//   storage   folder of objects and KV, kept over restarts
//   port      0 = any free one; kept over restarts
//   vars      variables and secrets, by name
//   outbound  "127.0.0.1:9000": destination of every outbound request of the Worker. The Host header keeps the
//             requested host; `x-forwarded-proto` is http or https
//   https     {"key": pem, "cert": pem}
//   rate      {"RATE": {"limit": 5, "period": 10}} replaces the limits of wrangler.json; null: without that limiter
//   queues    "one": miniflare's own consumers, one batch of a queue at a time (default); "concurrent": as many batches
//             at a time as there are; null: without queues
//   analytics true: with a dataset ANALYTICS; each data point is printed behind EMBARK-POINT
//   log       file for everything workerd prints (default: stderr)
import fs from "node:fs";
import path from "node:path";
import { HttpOptions_Style, Log, LogLevel, Response } from "miniflare";

export function loadOptions(given) {
  const folder = path.resolve(required(given, "worker"));
  const config = JSON.parse(fs.readFileSync(path.join(folder, "wrangler.json"), "utf8"));
  const log = given.log === undefined ? undefined : fs.createWriteStream(given.log, { flags: "a" });
  // Each restart pipes two more streams into the file.
  log?.setMaxListeners(0);
  const main = worker(given, folder, config);
  const consumers = given.queues === "concurrent" ? [concurrentConsumers(config)] : [];
  const datasets = given.analytics ? [{ name: "data-points", modules: true, script: DATA_POINTS }] : [];
  return { log, options: { ...server(given, log), workers: [main, ...consumers, ...datasets] } };
}

function server(given, log) {
  return {
    host: "127.0.0.1",
    port: given.port ?? 0,
    ...(given.https && { https: true, httpsKey: given.https.key, httpsCert: given.https.cert }),
    cf: false,
    log: new Log(LogLevel.NONE),
    logRequests: false,
    // POST /cdn-cgi/handler/scheduled fires the cron trigger.
    unsafeTriggerHandlers: true,
    defaultPersistRoot: path.resolve(required(given, "storage")),
    handleRuntimeStdio(stdout, stderr) {
      for (const stream of [stdout, stderr]) stream.pipe(log ?? process.stderr, { end: false });
    },
  };
}

function worker(given, folder, config) {
  return {
    name: config.name,
    modulesRoot: folder,
    modules: [
      { type: "ESModule", path: path.join(folder, config.main) },
      { type: "ESModule", path: path.join(folder, "index.js") },
      { type: "CompiledWasm", path: path.join(folder, "index_bg.wasm") },
    ],
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: config.compatibility_flags ?? [],
    bindings: { ...config.vars, ...given.vars },
    kvNamespaces: Object.fromEntries((config.kv_namespaces ?? []).map((kv) => [kv.binding, kv.id])),
    durableObjects: Object.fromEntries(
      (config.durable_objects?.bindings ?? []).map((object) => [
        object.name,
        { className: object.class_name, useSQLite: true },
      ]),
    ),
    ratelimits: Object.fromEntries(
      (config.ratelimits ?? [])
        .filter(({ name }) => given.rate?.[name] !== null)
        .map(({ name, namespace_id, simple }) => [
          name,
          { namespace_id, simple: { ...simple, ...given.rate?.[name] } },
        ]),
    ),
    ...(given.analytics && { wrappedBindings: { ANALYTICS: "data-points" } }),
    ...queues(given, config),
    ...assets(given, folder, config),
    ...outbound(given),
  };
}

function queues(given, config) {
  if (given.queues === null || !config.queues) return {};
  const producers = config.queues.producers.map(({ binding, queue }) => [binding, { queueName: queue }]);
  const consumers = given.queues === "concurrent" ? {} : { queueConsumers: queueConsumers(config) };
  return { queueProducers: Object.fromEntries(producers), ...consumers };
}

function queueConsumers(config) {
  return Object.fromEntries(
    config.queues.consumers.map((consumer) => [
      consumer.queue,
      {
        maxBatchSize: consumer.max_batch_size,
        maxBatchTimeout: consumer.max_batch_timeout,
        maxRetries: consumer.max_retries,
        retryDelay: consumer.retry_delay,
        deadLetterQueue: consumer.dead_letter_queue,
      },
    ]),
  );
}

/** A Worker between miniflare's queues and ours: miniflare waits for one batch of a queue before it hands over the next.
 *  This one takes a batch at once, and gives each message to an invocation of its own, as Cloudflare's consumers do with
 *  `max_batch_size = 1`. */
function concurrentConsumers(config) {
  return {
    name: "concurrent-consumers",
    modules: true,
    script: CONCURRENT_CONSUMERS,
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: ["service_binding_extra_handlers", "queue_consumer_no_wait_for_wait_until"],
    bindings: { CONSUMERS: config.queues.consumers },
    serviceBindings: { WORKER: config.name },
    queueConsumers: Object.fromEntries(
      config.queues.consumers.map(({ queue }) => [queue, { maxBatchSize: 100, maxBatchTimeout: 0 }]),
    ),
  };
}

/** In place of Analytics Engine, which miniflare has without any way to see what was written. */
const DATA_POINTS = `
export default () => ({
  writeDataPoint: (point) => console.log("EMBARK-POINT " + JSON.stringify(point)),
});
`;

const CONCURRENT_CONSUMERS = `
export default {
  queue(batch, env, ctx) {
    for (const message of batch.messages) ctx.waitUntil(consume(batch.queue, message, env));
  },
};

async function consume(queue, { id, timestamp, body }, env) {
  const consumer = env.CONSUMERS.find((one) => one.queue === queue);
  for (let attempts = 1; attempts <= consumer.max_retries + 1; attempts++) {
    const result = await env.WORKER.queue(queue, [{ id, timestamp, body, attempts }]).catch(() => undefined);
    const isRetried = result?.retryBatch.retry || result?.retryMessages.length;
    if (result?.outcome === "ok" && !isRetried) return;
    await new Promise((resolve) => setTimeout(resolve, (consumer.retry_delay ?? 0) * 1_000));
  }
  if (consumer.dead_letter_queue) await consume(consumer.dead_letter_queue, { id, timestamp, body }, env);
}
`;

function assets(given, folder, config) {
  if (!config.assets) return {};
  const directory = path.resolve(given.assets ?? path.join(folder, config.assets.directory));
  // Of a Worker with assets, miniflare passes no messages on that come by a service binding.
  if (given.queues === "concurrent") return { serviceBindings: { [config.assets.binding]: readAsset(directory) } };
  const rules = config.assets.run_worker_first ?? [];
  return {
    assets: {
      workerName: config.name,
      directory,
      binding: config.assets.binding,
      routerConfig: {
        has_user_worker: true,
        static_routing: {
          user_worker: rules.filter((rule) => rule.startsWith("/")),
          asset_worker: rules.filter((rule) => rule.startsWith("!")).map((rule) => rule.slice(1)),
        },
      },
      assetConfig: {
        html_handling: config.assets.html_handling,
        not_found_handling: config.assets.not_found_handling,
      },
    },
  };
}

/** The assets as a service: what the Worker itself reads of them. */
function readAsset(directory) {
  return (request) => {
    const file = path.join(directory, new URL(request.url).pathname);
    const exists = fs.existsSync(file) && fs.statSync(file).isFile();
    return exists ? new Response(fs.readFileSync(file)) : new Response(null, { status: 404 });
  };
}

function outbound(given) {
  if (!given.outbound) return {};
  const http = { style: HttpOptions_Style.HOST, forwardedProtoHeader: "x-forwarded-proto" };
  return { outboundService: { external: { address: given.outbound, http } } };
}

function required(given, name) {
  if (given[name] === undefined) throw new Error(`option ${name} is missing`);
  return given[name];
}
