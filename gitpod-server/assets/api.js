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

/** Hints come as error details of type `gitpod.v1.ErrorHint`: one field, a string (tag 10, length as varint, bytes). */
function hintsOf(answer) {
  return (answer.details ?? [])
    .filter((detail) => detail.type === 'gitpod.v1.ErrorHint' && detail.value)
    .map((detail) => firstString(Uint8Array.from(atob(detail.value), (c) => c.charCodeAt(0))))
    .filter(Boolean);
}

function firstString(bytes) {
  if (bytes[0] !== 10) return '';
  let at = 1;
  let length = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = bytes[at];
    at += 1;
    length |= (byte & 127) << shift;
    if (!(byte & 128)) break;
  }
  return new TextDecoder().decode(bytes.subarray(at, at + length));
}
