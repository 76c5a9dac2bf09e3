// node hyperformula.mjs LIBRARY (IN OUT)...: reckons each workbook of tests/engines.py and writes its values as JSON.
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";

const [library, ...files] = process.argv.slice(2);
const { HyperFormula } = createRequire(import.meta.url)(library);
const config = {
  licenseKey: "gpl-v3", language: "enGB", localeLang: "en-US", functionArgSeparator: ",", decimalSeparator: ".",
  thousandSeparator: "", arrayColumnSeparator: ",", arrayRowSeparator: ";", currencySymbol: ["$"],
  nullDate: { year: 1899, month: 12, day: 31 }, leapYear1900: true, dateFormats: ["YYYY-MM-DD"], timeFormats: ["hh:mm", "hh:mm:ss.sss"],
  evaluateNullToZero: true, useArrayArithmetic: false, useWildcards: true, useRegularExpressions: false, matchWholeCell: true,
  caseSensitive: false, accentSensitive: true, ignorePunctuation: false, ignoreWhiteSpace: "any", smartRounding: true,
  useColumnIndex: true, maxRows: 30000,
};
const plain = (value) => (value !== null && typeof value === "object" ? { error: value.value } : value);

for (let place = 0; place < files.length; place += 2) {
  const { sheets, names } = JSON.parse(readFileSync(files[place], "utf8"));
  const engine = HyperFormula.buildFromSheets(sheets, config, names);
  for (const word of ["TRUE", "FALSE"]) engine.addNamedExpression(word, `=${word}()`);
  const values = engine.getAllSheetsValues();
  for (const name in values) values[name] = values[name].map((row) => row.map(plain));
  writeFileSync(files[place + 1], JSON.stringify(values));
  engine.destroy();
}
