// A certified OpenID Connect provider (npm oidc-provider) for the tests of sign-in: real in everything
// but its users, who are whoever a form would name, and its faults, which are made to order.
//
// usage: node provider.mjs NODE_MODULES PORT
// prints one line when it listens; PUT /test/keys draws new keys, PUT /test/fault/NAME spoils the
// tokens that follow.
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const [modules, port] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${modules}/`));
const load = async (name) => import(pathToFileURL(require.resolve(name)));
const { Provider } = await load('oidc-provider');
const jose = await load('jose');

const issuer = `http://127.0.0.1:${port}`;
const callback = 'http://127.0.0.1:1/api/v1/sign-in/callback';
const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'];
let generation = 0;
let fault = 'none';
let provider;
let secrets;

const generate = (alg) => jose.generateKeyPair(alg, { extractable: true });

// One key of each kind, with ids that tell their generation.
async function draw() {
  generation += 1;
  secrets = {};
  const keys = [];
  for (const alg of algorithms) {
    const { privateKey } = await generate(alg);
    const kid = `${alg}-${generation}`;
    secrets[alg] = { privateKey, kid };
    keys.push({ ...(await jose.exportJWK(privateKey)), kid, alg, use: 'sig' });
  }
  provider = new Provider(issuer, {
    jwks: { keys },
    clients: algorithms.map((alg) => ({
      client_id: `detente-${alg}`,
      client_secret: 'a secret: with ?& in it',
      redirect_uris: [callback],
      id_token_signed_response_alg: alg,
    })),
    pkce: { required: () => true },
    enabledJWA: { idTokenSigningAlgValues: algorithms },
    conformIdTokenClaims: false,
    cookies: { keys: ['a key of the tests'] },
    scopes: ['openid', 'profile'],
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        preferred_username: `${id} of the provider`,
        groups: id === 'stranger' ? ['visitors'] : ['air staff', 'watch'],
      }),
    }),
    ttl: { AccessToken: 60, AuthorizationCode: 60, IdToken: 60, Interaction: 60, Grant: 60, Session: 60 },
  });
}

// Signs a token again, with something about it spoilt.
async function spoilt(token) {
  const claims = jose.decodeJwt(token);
  const { alg } = jose.decodeProtectedHeader(token);
  let { privateKey, kid } = secrets[alg];
  const now = Math.floor(Date.now() / 1000);
  switch (fault) {
    case 'audience': claims.aud = 'somebody-else'; break;
    case 'issuer': claims.iss = 'https://id.example'; break;
    case 'expired': claims.exp = now - 3600; claims.iat = now - 7200; break;
    case 'nonce': claims.nonce = 'of another sign-in'; break;
    case 'unknown-key': kid = 'never-published'; break;
    case 'foreign-key': ({ privateKey } = await generate(alg)); break;
    case 'unsigned': return new jose.UnsecuredJWT(claims).encode();
    default: return token;
  }
  return new jose.SignJWT(claims).setProtectedHeader({ alg, kid }).sign(privateKey);
}

// Answers the provider's question who signs in, by the name in the cookie `who`, and that it may go on.
async function interact(request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  const who = /who=([a-z]+)/.exec(request.headers.cookie ?? '')?.[1] ?? 'alice';
  let result;
  if (who === 'nobody') {
    result = { error: 'access_denied', error_description: 'the user said no' };
  } else if (prompt.name === 'login') {
    result = { login: { accountId: who } };
  } else {
    const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    result = { consent: { grantId: await grant.save() } };
  }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

function control(request, response) {
  const [, , what, name] = request.url.split('/');
  const done = () => response.writeHead(204).end();
  if (what === 'keys') return draw().then(done);
  fault = name;
  return done();
}

await draw();
createServer(async (request, response) => {
  try {
    if (request.url.startsWith('/test/')) return await control(request, response);
    if (request.url.startsWith('/interaction/')) return await interact(request, response);
    if (request.url === '/token') {
      const end = response.end.bind(response);
      response.end = (body) => {
        const tokens = body === undefined ? undefined : JSON.parse(body);
        if (!tokens?.id_token) return end(body);
        spoilt(tokens.id_token).then((id_token) => {
          const text = JSON.stringify({ ...tokens, id_token });
          response.setHeader('content-length', Buffer.byteLength(text));
          end(text);
        });
        return response;
      };
    }
    return provider.callback()(request, response);
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
}).listen(Number(port), '127.0.0.1', () => console.log('listening'));
