// Runs built Workers in workerd (through miniflare) for the tests, one after another: real storage on disk, restarts
// after SIGKILL, and one destination for all outbound requests. Controlled by JSON lines, see `COMMANDS`.
//
//   echo '{"cmd":"open","options":{"worker":"build/local","storage":"/tmp/x"}}' | node tests/harness/workerd.mjs
//
// Prints one JSON line per command. Exits when stdin closes.
import childProcess from "node:child_process";
import readline from "node:readline";
import { loadOptions } from "./options.mjs";

// miniflare does not expose the process id of workerd: records it when the process is spawned.
let pid;
const spawn = childProcess.spawn;
childProcess.spawn = (command, ...rest) => {
  const child = spawn(command, ...rest);
  if (/workerd/.test(command)) {
    pid = child.pid;
    killWhenHarnessExits(child);
  }
  return child;
};

/** workerd keeps running when this process is killed by SIGKILL. A shell waits until our end of its pipe
 *  closes, which the system does however we exit, and then kills workerd. */
function killWhenHarnessExits(child) {
  const shell = spawn("sh", ["-c", 'read -r line; test "$line" = exited || kill -9 "$0"', String(child.pid)], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  shell.stdin.on("error", () => {});
  child.once("exit", () => shell.stdin.end("exited\n"));
}

const { Miniflare } = await import("miniflare");

// Of the Worker that is open.
let options;
let log;
let running;

const COMMANDS = {
  /** Starts a Worker with these options, see options.mjs. */
  async open({ options: given }) {
    if (options) throw new Error("another Worker is open");
    ({ options, log } = loadOptions(given));
    return COMMANDS.start();
  },

  /** Stops workerd and forgets the Worker. */
  async close() {
    await dispose();
    log?.end();
    options = log = undefined;
    return { closed: {} };
  },

  /** Starts, again on the same port and storage if it ran before. With `vars`: with these variables instead. */
  async start({ vars } = {}) {
    if (!options) throw new Error("no Worker is open");
    if (running) throw new Error("already running");
    if (vars) options.workers[0].bindings = vars;
    running = new Miniflare(options);
    const url = await running.ready;
    options.port = Number(url.port);
    return { ready: { port: options.port, pid } };
  },

  /** SIGKILL: requests in flight are lost, unwritten data too. */
  async kill() {
    const killed = pid;
    process.kill(killed, "SIGKILL");
    await dispose();
    return { killed: { pid: killed } };
  },

  /** The keys in KV with this prefix. */
  async keys({ prefix }) {
    const namespace = await running.getKVNamespace("CONFIG");
    const { keys } = await namespace.list({ prefix });
    return { keys: keys.map(({ name }) => name) };
  },

  /** Fires the cron trigger. */
  async scheduled({ cron = "*/5 * * * *" }) {
    const worker = await running.getWorker();
    return { scheduled: await worker.scheduled({ cron }) };
  },
};

/** Also keeps miniflare from restarting a killed workerd by itself. */
async function dispose() {
  const disposed = running;
  running = undefined;
  await disposed?.dispose();
}

/** Runs the command of one line and prints one line. The reply repeats the command's `id` if it has one. */
async function runCommand(line) {
  let id;
  try {
    const command = JSON.parse(line);
    id = command.id;
    const run = COMMANDS[command.cmd];
    if (!run) throw new Error(`unknown command ${command.cmd}; known: ${Object.keys(COMMANDS)}`);
    reply({ id, ...(await run(command)) });
  } catch (error) {
    reply({ id, error: String(error?.message ?? error) });
  }
}

function reply(document) {
  process.stdout.write(`${JSON.stringify(document)}\n`);
}

async function exit() {
  await COMMANDS.close();
  process.exit(0);
}

process.on("SIGTERM", exit);
process.on("SIGINT", exit);
for await (const line of readline.createInterface({ input: process.stdin })) await runCommand(line);
await exit();
