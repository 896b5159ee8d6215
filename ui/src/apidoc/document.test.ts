import { describe, expect, it } from 'vitest';
import { authorized, filled, PLACEHOLDER, prepared } from './document';

describe('the document of the page', () => {
  const document = {
    info: { title: 'x', version: '534' },
    paths: {
      '/api/part/': { post: { tags: ['part'], requestBody: { content: { 'application/json': {}, 'application/x-www-form-urlencoded': {} } } } },
      '/api/odd/': { get: { tags: ['odd-thing'] } },
    },
  };
  it('has the guide in front, this server, and every tag in a group', () => {
    const made = prepared(document, 'Version {{api}} at {{server}}, [pages]({{base}}profile)', 'https://host', '/inventory/');
    expect(made.info.description).toBe('Version 534 at https://host/inventory, [pages](/inventory/profile)');
    expect(made.servers).toEqual([{ url: 'https://host/inventory', description: 'This server' }]);
    expect(made['x-tagGroups']).toEqual([
      { name: 'Inventory', tags: ['part'] },
      { name: 'Server', tags: ['odd-thing'] },
    ]);
    expect(Object.keys(made.paths['/api/part/']?.post?.requestBody?.content ?? {})).toEqual(['application/json']);
  });
  it('leaves unknown places of a text alone', () => {
    expect(filled('{{ part.name }} {{no}}', {})).toBe('{{ part.name }} {{no}}');
  });
});

describe('requests from the page', () => {
  it('use the session without a token, and only the token with one', () => {
    const session = authorized(new Headers({ Authorization: PLACEHOLDER }), 'c');
    expect([session.credentials, session.headers.get('X-CSRFToken'), session.headers.has('Authorization')]).toEqual(['same-origin', 'c', false]);
    const pasted = authorized(new Headers({ Authorization: 'inv-1' }), 'c');
    expect([pasted.credentials, pasted.headers.get('Authorization'), pasted.headers.has('X-CSRFToken')]).toEqual(['omit', 'Token inv-1', false]);
    expect(authorized(new Headers({ Authorization: 'Basic eA==' }), 'c').headers.get('Authorization')).toBe('Basic eA==');
  });
});
