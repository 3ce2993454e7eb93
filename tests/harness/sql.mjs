// Runs SQL statements on the storage of one object while its Worker does not run.
//
//   node tests/harness/sql.mjs <file.sqlite> 'INSERT …; …'
import { DatabaseSync } from "node:sqlite";

const [file, statements] = process.argv.slice(2);
const database = new DatabaseSync(file);
database.exec(statements);
database.close();
