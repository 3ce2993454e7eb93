// Runs one built Worker in workerd (through miniflare) for the tests: real storage on disk, restarts
// by SIGKILL, and a stand-in for the internet. Controlled by JSON lines, see `COMMANDS`.
//
//   node tests/harness/workerd.mjs '{"worker":"build/local","storage":"/tmp/x","vars":{...}}'
//
// Answers one JSON line per command, {"ready":{"port","pid"}} first. Ends when stdin closes.
import childProcess from "node:child_process";
import readline from "node:readline";
import { loadOptions } from "./options.mjs";

// miniflare does not say which process it started, so note it as it starts.
let pid;
const spawn = childProcess.spawn;
childProcess.spawn = (command, ...rest) => {
  const child = spawn(command, ...rest);
  if (/workerd/.test(command)) {
    pid = child.pid;
    outliveNobody(child);
  }
  return child;
};

/** workerd goes on when this process is killed outright. A shell that waits for our end of a pipe to
 *  close, which happens however we end, then ends it. */
function outliveNobody(child) {
  const shell = spawn("sh", ["-c", 'read -r word; test "$word" = done || kill -9 "$0"', String(child.pid)], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  shell.stdin.on("error", () => {});
  child.once("exit", () => shell.stdin.end("done\n"));
}

const { Miniflare } = await import("miniflare");

const { options, log } = loadOptions(JSON.parse(process.argv[2] ?? "{}"));
let running;

const COMMANDS = {
  /** (Re)starts on the same port and storage. */
  async start() {
    if (running) throw new Error("already running");
    running = new Miniflare(options);
    const url = await running.ready;
    options.port = Number(url.port);
    return { ready: { port: options.port, pid } };
  },

  /** SIGKILL: nothing in flight is finished, nothing is flushed. */
  async kill() {
    const killed = pid;
    process.kill(killed, "SIGKILL");
    await ended();
    return { killed: { pid: killed } };
  },

  /** Ends workerd, keeps the harness. */
  async stop() {
    await ended();
    return { stopped: {} };
  },

  /** Fires the cron trigger now. */
  async scheduled({ cron = "*/5 * * * *" }) {
    const worker = await running.getWorker();
    return { scheduled: await worker.scheduled({ cron }) };
  },
};

/** Disposing also keeps miniflare from restarting a killed workerd by itself. */
async function ended() {
  const ending = running;
  running = undefined;
  await ending?.dispose();
}

/** One line in, one line out, in order; an answer repeats the command's `id` if it had one. */
async function obey(line) {
  let id;
  try {
    const command = JSON.parse(line);
    id = command.id;
    const run = COMMANDS[command.cmd];
    if (!run) throw new Error(`unknown command ${command.cmd}; known: ${Object.keys(COMMANDS)}`);
    say({ id, ...(await run(command)) });
  } catch (error) {
    say({ id, error: String(error?.message ?? error) });
  }
}

function say(answer) {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

async function end() {
  await ended();
  log?.end();
  process.exit(0);
}

process.on("SIGTERM", end);
process.on("SIGINT", end);
await obey('{"cmd":"start"}');
for await (const line of readline.createInterface({ input: process.stdin })) await obey(line);
await end();
