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
//   log       file for everything workerd prints (default: stderr)
import fs from "node:fs";
import path from "node:path";
import { HttpOptions_Style, Log, LogLevel } from "miniflare";

export function loadOptions(given) {
  const folder = path.resolve(required(given, "worker"));
  const config = JSON.parse(fs.readFileSync(path.join(folder, "wrangler.json"), "utf8"));
  const log = given.log === undefined ? undefined : fs.createWriteStream(given.log, { flags: "a" });
  // Each restart pipes two more streams into the file.
  log?.setMaxListeners(0);
  return { log, options: { ...server(given, log), ...worker(given, folder, config) } };
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
    ...assets(given, folder, config),
    ...outbound(given),
  };
}

function assets(given, folder, config) {
  if (!config.assets) return {};
  const rules = config.assets.run_worker_first ?? [];
  return {
    assets: {
      workerName: config.name,
      directory: path.resolve(given.assets ?? path.join(folder, config.assets.directory)),
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

function outbound(given) {
  if (!given.outbound) return {};
  const http = { style: HttpOptions_Style.HOST, forwardedProtoHeader: "x-forwarded-proto" };
  return { outboundService: { external: { address: given.outbound, http } } };
}

function required(given, name) {
  if (given[name] === undefined) throw new Error(`option ${name} is missing`);
  return given[name];
}
