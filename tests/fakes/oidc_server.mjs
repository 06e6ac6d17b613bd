// A real OpenID Connect provider (npm oidc-provider) in a process of its own; prints its port.
// Arguments: the folder of the npm packages, then JSON: redirect_uris, in_id_token, method.
import http from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, given] = process.argv.slice(2);
const options = JSON.parse(given);
const { Provider } = await import(pathToFileURL(path.join(folder, 'oidc-provider', 'lib', 'index.js')));

const server = http.createServer();
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [{
      client_id: 'asaka-bot',
      client_secret: 'a secret+with/signs%',
      redirect_uris: options.redirect_uris,
      token_endpoint_auth_method: options.method,
    }],
    clientAuthMethods: [options.method],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
    conformIdTokenClaims: !options.in_id_token,
    pkce: { required: () => true },
    ttl: { AccessToken: 60, AuthorizationCode: 60, IdToken: 60, Grant: 600, Interaction: 600, Session: 600 },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: () => ({
        sub: `id-of-${id}`,
        ...(id.startsWith('nomail') ? {} : { email: id, email_verified: !id.startsWith('unverified') }),
      }),
    }),
  });
  server.on('request', provider.callback());
  console.log(port);
});
