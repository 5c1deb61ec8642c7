import React, { useState } from 'react';
import { type BackendSrv, setBackendSrv } from '@grafana/runtime';
import { render, screen } from '@testing-library/react';
import { PointerEventsCheckLevel, userEvent } from '@testing-library/user-event';
import { NEVER, of } from 'rxjs';

import type { Options } from '../settings/defaults';
import { aDataSource } from '../testdata/settings';
import type { IncidentsJsonData } from '../types';
import { ConfigEditor } from './ConfigEditor';

jest.mock('@grafana/runtime', () => ({
  ...jest.requireActual('@grafana/runtime'),
  getDataSourceSrv: () => ({ getInstanceSettings: () => undefined }),
  DataSourcePicker: ({ inputId, onChange }: { inputId: string; onChange: (ds: { uid: string }) => void }) => (
    <input id={inputId} onChange={(event) => onChange({ uid: event.currentTarget.value })} />
  ),
}));
jest.mock('@grafana/ui', () => ({
  ...jest.requireActual('@grafana/ui'),
  // Monaco needs a browser.
  CodeEditor: ({
    value,
    onBlur,
    onChange,
  }: Record<'onBlur' | 'onChange', (value: string) => void> & { value: string }) => (
    <textarea
      aria-label="YAML"
      defaultValue={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onBlur={(event) => onBlur(event.currentTarget.value)}
    />
  ),
}));

const fetch = jest.fn();

beforeEach(() => {
  fetch.mockReset().mockReturnValue(NEVER);
  setBackendSrv({ fetch } as unknown as BackendSrv);
});

// Looking for styles that would keep a click away takes most of the time on a page of this size.
const user = userEvent.setup({ pointerEventsCheck: PointerEventsCheckLevel.Never });

let stored: Options;

function show(jsonData: IncidentsJsonData = {}, change: Partial<Options> = {}) {
  function Editor() {
    const [options, setOptions] = useState(aDataSource(jsonData, change));
    stored = options;
    return <ConfigEditor options={options} onOptionsChange={setOptions} />;
  }
  render(<Editor />);
}

jest.setTimeout(60_000);

// The backend is asked when nothing was typed for a moment.
const PATIENCE = { timeout: 20_000 };

const unfold = (title: string) => user.click(screen.getByLabelText(`Expand section ${title}`));

async function enter(field: HTMLElement, text: string) {
  await user.click(field);
  await user.paste(text);
}

describe('ConfigEditor', () => {
  it('asks for a connection when the logs are in Loki', () => {
    show();
    expect(screen.getByLabelText(/^Loki URL/)).toHaveValue('http://loki:3100');
    expect(screen.getByText('Authentication')).toBeInTheDocument();
    expect(screen.getAllByLabelText('Stream selector')).toHaveLength(5);
  });

  it('asks for none when the samples are chosen', async () => {
    show();
    await user.click(screen.getByLabelText('Built-in samples'));
    expect(stored.jsonData).toEqual({ store: 'samples' });
    expect(screen.queryByLabelText(/^Loki URL/)).not.toBeInTheDocument();
    expect(screen.queryByLabelText('Stream selector')).not.toBeInTheDocument();
  });

  it('stores the tenant and forgets it when emptied', async () => {
    show();
    await enter(screen.getByLabelText(/^Tenant/), 'team-a');
    expect(stored.jsonData).toEqual({ tenant: 'team-a' });
    await user.clear(screen.getByLabelText(/^Tenant/));
    expect(stored.jsonData).toEqual({});
  });

  it('stores a changed selector and restores the defaults', async () => {
    show();
    const [first] = screen.getAllByLabelText('Stream selector');
    await user.clear(first);
    expect(screen.getByText(/Not a stream selector/)).toBeInTheDocument();
    await enter(first, '{app="nodeman"}');
    expect(stored.jsonData.sources?.[0]).toEqual({ source: 'nodeman', selector: '{app="nodeman"}', onHost: false });
    await user.click(screen.getByText('Restore defaults'));
    expect(stored.jsonData).toEqual({});
  });

  it('adds and removes sources', async () => {
    show();
    await user.click(screen.getByText('Add source'));
    expect(stored.jsonData.sources).toHaveLength(6);
    await user.click(screen.getAllByLabelText('Remove source')[5]);
    expect(stored.jsonData.sources).toBeUndefined();
  });

  it('checks limits while they are typed', async () => {
    show();
    await unfold('Limits of a query');
    await user.type(screen.getByLabelText(/^Lateness/), 'soon');
    expect(screen.getByText(/Not a duration/)).toBeInTheDocument();
    await user.type(screen.getByLabelText(/^Parallel requests/), '99');
    expect(screen.getByText(/Out of range: 1 to 32/)).toBeInTheDocument();
    expect(stored.jsonData).toEqual({ lateness: 'soon', parallel: 99 });
  });

  it('stores language, version, Loki and custom signatures', async () => {
    show();
    await unfold('Texts and links');
    await user.click(screen.getByLabelText('English'));
    await user.click(screen.getByLabelText('7.1'));
    await user.type(screen.getByLabelText(/^Loki data source/), 'x');
    await unfold('Custom signatures');
    await user.type(screen.getByLabelText('YAML'), 'id: mine');
    await user.tab();
    expect(stored.jsonData).toEqual({
      language: 'en',
      bluekingVersion: '7.1',
      lokiUid: 'x',
      signatures: 'id: mine',
    });
  });

  it('shows what the selectors find and which labels are missing', async () => {
    const labels = [{ name: 'pod', streams: 3, example: 'p' }];
    fetch.mockImplementation(({ params }) =>
      of({ data: { streams: params.selector.includes('agent-err') ? 0 : 3, hours: 1, labels } })
    );
    show();
    expect(await screen.findAllByText('Streams in the last hour: 3', undefined, PATIENCE)).toHaveLength(4);
    expect(screen.getByText(/No stream in the last 1 hours fits/)).toBeInTheDocument();
    expect(screen.getByText(/none of these labels: 3 of 3/)).toBeInTheDocument();
    expect(screen.getByText(/No stream has this label/)).toBeInTheDocument();
    expect(fetch).toHaveBeenCalledTimes(5);
    expect(fetch.mock.calls[0][0]).toMatchObject({
      url: '/api/datasources/uid/incidents/resources/streams',
      params: { selector: '{namespace="blueking", pod=~"bk-nodeman-(backend|saas)-.*"}', language: 'en' },
      showErrorAlert: false,
    });
  });

  it('shows what is wrong with signatures while they are typed', async () => {
    const problem = { line: 1, column: 5, signature: 'mine', message: 'unknown key', severity: 'error' };
    fetch.mockImplementation(({ data }) =>
      data ? of({ data: { signatures: ['other'], fixtures: 2, problems: [problem] } }) : NEVER
    );
    show({ signatures: 'id: a' });
    expect(screen.getByText('Signatures of your own: 1')).toBeInTheDocument();
    await unfold('Custom signatures');
    await user.type(screen.getByLabelText('YAML'), 'b');
    expect(await screen.findByText('mine: unknown key', undefined, PATIENCE)).toBeInTheDocument();
    expect(screen.getByRole('button', { name: '1:5' })).toBeInTheDocument();
    expect(screen.getByText(/^Problems: 1\. Signatures that will be used: 1/)).toBeInTheDocument();
    expect(fetch.mock.calls.filter(([call]) => call.data).at(-1)?.[0].data).toBe('id: ab');
  });

  it('stores user, certificates and headers as Grafana keeps them', async () => {
    show();
    await unfold('Authentication');
    await user.type(screen.getByLabelText(/^Method/), 'Basic{ArrowDown}{Enter}');
    await enter(screen.getByLabelText(/^User/), 'me');
    await enter(screen.getByLabelText(/^Password/), 'pw');
    await unfold('TLS');
    await user.click(screen.getByLabelText(/^Own authority/));
    await enter(screen.getByLabelText(/^CA certificate/), 'pem');
    await unfold('HTTP headers');
    await user.click(screen.getByText('Add header'));
    await enter(screen.getByLabelText('Header'), 'X-A');
    await enter(screen.getByLabelText('Value'), 'v');
    expect(stored).toMatchObject({
      basicAuth: true,
      basicAuthUser: 'me',
      jsonData: { tlsAuthWithCACert: true, httpHeaderName1: 'X-A' },
      secureJsonData: { basicAuthPassword: 'pw', tlsCACert: 'pem', httpHeaderValue1: 'v' },
    });
    expect(JSON.stringify(stored.jsonData)).not.toMatch(/pw|pem/);
  });

  it('asks for the values of the headers behind one that is removed', async () => {
    const headers = { httpHeaderName1: 'X-A', httpHeaderName2: 'X-B' };
    show(headers as IncidentsJsonData, { secureJsonFields: { httpHeaderValue1: true, httpHeaderValue2: true } });
    await unfold('Authentication');
    await user.click(screen.getAllByLabelText('Remove header')[0]);
    expect(stored.jsonData).toEqual({ httpHeaderName1: 'X-B' });
    expect(stored.secureJsonFields).toEqual({});
    expect(stored.secureJsonData).toEqual({ httpHeaderValue1: '' });
  });

  it('shows what is set in the folds, and opens none', () => {
    show({ parallel: 8 });
    expect(screen.getByText('Parallel requests 8')).toBeInTheDocument();
    expect(screen.getByText('No authentication')).toBeInTheDocument();
    expect(screen.queryByLabelText(/^Parallel requests/)).not.toBeInTheDocument();
    expect(screen.queryByLabelText(/^Method/)).not.toBeInTheDocument();
  });

  it('says where it cannot be changed because it was provisioned', async () => {
    show({}, { readOnly: true });
    expect(screen.getByLabelText(/^Tenant/)).toBeDisabled();
    screen.getAllByLabelText('Stream selector').forEach((input) => expect(input).toBeDisabled());
    expect(screen.queryByRole('button', { name: 'Add source' })).not.toBeInTheDocument();
    await unfold('Custom signatures');
    // At the top, below the sources, and above the signatures.
    expect(screen.getAllByText(/^Read-only: /)).toHaveLength(3);
  });
});
