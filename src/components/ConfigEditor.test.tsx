import React, { useState } from 'react';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import type { Options } from '../settings/defaults';
import { aDataSource } from '../testdata/settings';
import type { IncidentsJsonData } from '../types';
import { ConfigEditor } from './ConfigEditor';

jest.mock('@grafana/runtime', () => ({
  ...jest.requireActual('@grafana/runtime'),
  DataSourcePicker: ({ inputId, onChange }: { inputId: string; onChange: (ds: { uid: string }) => void }) => (
    <input id={inputId} onChange={(event) => onChange({ uid: event.currentTarget.value })} />
  ),
}));
jest.mock('@grafana/ui', () => ({
  ...jest.requireActual('@grafana/ui'),
  // Monaco needs a browser.
  CodeEditor: ({ value, onBlur }: { value: string; onBlur: (value: string) => void }) => (
    <textarea aria-label="YAML" defaultValue={value} onBlur={(event) => onBlur(event.currentTarget.value)} />
  ),
}));

let stored: Options;

function show(jsonData: IncidentsJsonData = {}, change: Partial<Options> = {}) {
  function Editor() {
    const [options, setOptions] = useState(aDataSource(jsonData, change));
    stored = options;
    return <ConfigEditor options={options} onOptionsChange={setOptions} />;
  }
  render(<Editor />);
}

describe('ConfigEditor', () => {
  it('asks for a connection when the logs are in Loki', () => {
    show();
    expect(screen.getByLabelText(/^Loki URL/)).toHaveValue('http://loki:3100');
    expect(screen.getByText('Authentication')).toBeInTheDocument();
    expect(screen.getAllByLabelText('Stream selector')).toHaveLength(4);
  });

  it('asks for none when the samples are chosen', async () => {
    show();
    await userEvent.click(screen.getByLabelText('Built-in samples'));
    expect(stored.jsonData).toEqual({ store: 'samples' });
    expect(screen.queryByLabelText(/^Loki URL/)).not.toBeInTheDocument();
    expect(screen.queryByLabelText('Stream selector')).not.toBeInTheDocument();
  });

  it('stores the tenant and forgets it when emptied', async () => {
    show();
    await userEvent.type(screen.getByLabelText(/^Tenant/), 'team-a');
    expect(stored.jsonData).toEqual({ tenant: 'team-a' });
    await userEvent.clear(screen.getByLabelText(/^Tenant/));
    expect(stored.jsonData).toEqual({});
  });

  it('stores a changed selector and restores the defaults', async () => {
    show();
    const [first] = screen.getAllByLabelText('Stream selector');
    await userEvent.clear(first);
    expect(screen.getByText(/Not a stream selector/)).toBeInTheDocument();
    await userEvent.click(first);
    await userEvent.paste('{app="nodeman"}');
    expect(stored.jsonData.sources?.[0]).toEqual({ source: 'nodeman', selector: '{app="nodeman"}', onHost: false });
    await userEvent.click(screen.getByRole('button', { name: 'Restore defaults' }));
    expect(stored.jsonData).toEqual({});
  });

  it('adds and removes sources', async () => {
    show();
    await userEvent.click(screen.getByRole('button', { name: 'Add source' }));
    expect(stored.jsonData.sources).toHaveLength(5);
    await userEvent.click(screen.getAllByRole('button', { name: 'Remove source' })[4]);
    expect(stored.jsonData.sources).toBeUndefined();
  });

  it('checks limits while they are typed', async () => {
    show();
    await userEvent.click(screen.getByRole('button', { name: 'Expand section Limits' }));
    await userEvent.type(screen.getByLabelText(/^Lateness/), 'soon');
    expect(screen.getByText(/Not a duration/)).toBeInTheDocument();
    await userEvent.type(screen.getByLabelText(/^Parallel requests/), '99');
    expect(screen.getByText(/Out of range: 1 to 32/)).toBeInTheDocument();
    expect(stored.jsonData).toEqual({ lateness: 'soon', parallel: 99 });
  });

  it('stores language, version, Loki and custom signatures', async () => {
    show();
    await userEvent.click(screen.getByLabelText('English'));
    await userEvent.click(screen.getByLabelText('7.1'));
    await userEvent.type(screen.getByLabelText(/^Loki data source/), 'x');
    await userEvent.click(screen.getByRole('button', { name: 'Expand section Custom signatures' }));
    await userEvent.type(screen.getByLabelText('YAML'), 'id: mine');
    await userEvent.tab();
    expect(stored.jsonData).toEqual({
      language: 'en',
      bluekingVersion: '7.1',
      lokiUid: 'x',
      signatures: 'id: mine',
    });
  });

  it('changes nothing that was provisioned', () => {
    show({}, { readOnly: true });
    expect(screen.getByLabelText(/^Tenant/)).toBeDisabled();
    expect(screen.getByRole('button', { name: 'Add source' })).toBeDisabled();
    screen.getAllByLabelText('Stream selector').forEach((input) => expect(input).toBeDisabled());
  });
});
