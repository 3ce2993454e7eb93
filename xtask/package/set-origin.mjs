// Fills the Worker's public origin into the loader (embark.js), which pages load and which must know where its Worker is.
// Reads the origin from wrangler.toml, and writes all static files to the folder that wrangler.toml uploads.
//
//   node set-origin.mjs                  for the deployment at the top of wrangler.toml
//   node set-origin.mjs --env staging    for [env.staging]

import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const PLACEHOLDER = "{placeholder}";
const folder = dirname(fileURLToPath(import.meta.url));

async function main() {
  const { env } = parseArgs({ options: { env: { type: "string" } } }).values;
  const { config, wrangler } = await readConfig(env);
  const left = missing(config, wrangler);
  if (left.length > 0) {
    throw new Error(`wrangler.toml is not filled in yet (README.md):\n  ${left.join("\n  ")}`);
  }
  const { EMBARK_ORIGIN: origin } = config.vars;
  const assets = config.assets.directory;
  // Files of an earlier release stay: pages that were opened before still request them.
  cpSync(join(folder, "files"), assets, { recursive: true });
  const loaders = readdirSync(join(folder, "files")).filter((name) => /^embark.*\.js$/.test(name));
  for (const name of loaders) {
    const loader = readFileSync(join(folder, "files", name), "utf8").replaceAll(PLACEHOLDER, origin);
    writeFileSync(join(assets, name), loader);
    const hash = createHash("sha384").update(loader).digest("base64");
    console.log(`${name} for ${origin} integrity="sha384-${hash}"`);
  }
}

/** The configuration as wrangler reads it, of an environment if one is named. */
async function readConfig(env) {
  if (!existsSync(join(folder, "node_modules", "wrangler"))) {
    throw new Error("wrangler is not installed: npm install");
  }
  const { unstable_readConfig } = await import("wrangler");
  const file = join(folder, "wrangler.toml");
  const options = { hideWarnings: true };
  const top = unstable_readConfig({ config: file }, options);
  if (env === undefined) return { config: top, wrangler: "npx wrangler" };
  if (!top.definedEnvironments?.includes(env)) {
    throw new Error(`wrangler.toml has no [env.${env}]`);
  }
  return { config: unstable_readConfig({ config: file, env }, options), wrangler: `npx wrangler --env ${env}` };
}

/** What is still a placeholder, one sentence each. */
function missing(config, wrangler) {
  const left = [];
  for (const name of ["EMBARK_ORIGIN", "EMBARK_OPERATOR_ORIGIN"]) {
    const value = config.vars[name] ?? "";
    if (!isOrigin(value)) {
      left.push(`${name} is "${value}": set one of your own host names, e.g. "https://signup.your-domain.com"`);
    }
  }
  for (const { binding, id } of config.kv_namespaces) {
    if (/^0*$/.test(id ?? "")) {
      left.push(`the id of the KV namespace ${binding} is not set: ${wrangler} kv namespace create ${binding} prints it`);
    }
  }
  return left;
}

/** Whether it is an https origin, without a path, that is not an example. */
function isOrigin(text) {
  return URL.canParse(text) && new URL(text).origin === text && text.startsWith("https://") && !text.endsWith(".example");
}

main().catch((error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
