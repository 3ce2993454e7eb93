// From the harness's options and the Worker's own wrangler.json to miniflare's options.
//
//   worker    folder of one build: guard.js, index.js, index_bg.wasm, wrangler.json
//   assets    folder of the static assets (default: wrangler.json's)
//   storage   folder that keeps objects and KV over restarts
//   port      0 = any; a restart takes the same one again
//   vars      variables and secrets, by name
//   outbound  "127.0.0.1:9000": every fetch of the Worker goes there, whatever its host. The Host
//             header stays the one asked for, `x-forwarded-proto` says http or https
//   https     {"key": pem, "cert": pem}
//   rate      {"RATE": {"limit": 5, "period": 10}} over wrangler.json's
//   log       file that gets everything workerd prints (default: stderr)
import fs from "node:fs";
import path from "node:path";
import { HttpOptions_Style, Log, LogLevel } from "miniflare";

export function loadOptions(asked) {
  const folder = path.resolve(required(asked, "worker"));
  const config = JSON.parse(fs.readFileSync(path.join(folder, "wrangler.json"), "utf8"));
  const log = asked.log === undefined ? undefined : fs.createWriteStream(asked.log, { flags: "a" });
  // Every restart pipes two more streams into it.
  log?.setMaxListeners(0);
  return { log, options: { ...server(asked, log), ...worker(asked, folder, config) } };
}

function server(asked, log) {
  return {
    host: "127.0.0.1",
    port: asked.port ?? 0,
    ...(asked.https && { https: true, httpsKey: asked.https.key, httpsCert: asked.https.cert }),
    cf: false,
    log: new Log(LogLevel.NONE),
    logRequests: false,
    // POST /cdn-cgi/handler/scheduled fires the cron trigger.
    unsafeTriggerHandlers: true,
    defaultPersistRoot: path.resolve(required(asked, "storage")),
    handleRuntimeStdio(stdout, stderr) {
      for (const stream of [stdout, stderr]) stream.pipe(log ?? process.stderr, { end: false });
    },
  };
}

function worker(asked, folder, config) {
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
    bindings: { ...config.vars, ...asked.vars },
    kvNamespaces: Object.fromEntries((config.kv_namespaces ?? []).map((kv) => [kv.binding, kv.id])),
    durableObjects: Object.fromEntries(
      (config.durable_objects?.bindings ?? []).map((object) => [
        object.name,
        { className: object.class_name, useSQLite: true },
      ]),
    ),
    ratelimits: Object.fromEntries(
      (config.ratelimits ?? []).map(({ name, namespace_id, simple }) => [
        name,
        { namespace_id, simple: { ...simple, ...asked.rate?.[name] } },
      ]),
    ),
    ...assets(asked, folder, config),
    ...outbound(asked),
  };
}

function assets(asked, folder, config) {
  if (!config.assets) return {};
  const rules = config.assets.run_worker_first ?? [];
  return {
    assets: {
      workerName: config.name,
      directory: path.resolve(asked.assets ?? path.join(folder, config.assets.directory)),
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

function outbound(asked) {
  if (!asked.outbound) return {};
  const http = { style: HttpOptions_Style.HOST, forwardedProtoHeader: "x-forwarded-proto" };
  return { outboundService: { external: { address: asked.outbound, http } } };
}

function required(asked, name) {
  if (asked[name] === undefined) throw new Error(`option ${name} is missing`);
  return asked[name];
}
