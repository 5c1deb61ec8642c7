// force timezone to UTC to allow tests to work regardless of local timezone
// generally used by snapshots, but can affect specific tests
process.env.TZ = 'UTC';

// Jest configuration provided by Grafana scaffolding
const scaffold = require('./.config/jest.config');

module.exports = {
  ...scaffold,
  // Editors render slowly in jsdom, and slower still on a machine that builds the backend meanwhile.
  testTimeout: 30000,
  // Some dependencies of @grafana/data ship .mjs only, which the scaffold's pattern does not transform.
  transform: { '^.+\\.(mjs|[tj]sx?)$': Object.values(scaffold.transform)[0] },
};
