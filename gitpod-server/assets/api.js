// Calls the public API as every other client does: Connect, as JSON.

/** What the server refused, in words for a person. */
export class ApiError extends Error {
  constructor(code, message, hints) {
    super(message);
    this.code = code;
    this.hints = hints;
  }
}

/** Calls `gitpod.v1.<method>` with `body` and gives the answer's message. */
export async function call(method, body) {
  let response;
  try {
    response = await fetch(`/public-api/gitpod.v1.${method}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Connect-Protocol-Version': '1' },
      body: JSON.stringify(body),
    });
  } catch {
    throw new ApiError('unavailable', 'The server cannot be reached.', ['Check that it runs, then try again.']);
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  if (response.status === 401) {
    location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
  }
  throw new ApiError(answer.code ?? String(response.status), answer.message ?? response.statusText, hintsOf(answer));
}

/** Hints come as error details; whatever has a `hint` or names violations is for people. */
function hintsOf(answer) {
  const hints = [];
  const walk = (value) => {
    if (!value || typeof value !== 'object') return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'hint' && typeof inner === 'string') hints.push(inner);
      else if (key === 'violations' && Array.isArray(inner)) hints.push(...inner.filter((v) => typeof v === 'string'));
      else walk(inner);
    }
  };
  for (const detail of answer.details ?? []) walk(detail.debug);
  return hints;
}
