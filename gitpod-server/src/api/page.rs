//! Pages of long lists.

use gitpod_core::Error;
use gitpod_core::proto::gitpod::v1::{PaginationRequest, PaginationResponse};

/// Items per page, when nobody says.
const USUAL: usize = 50;
/// Items per page at most.
const MOST: usize = 100;

/// How long a page may be.
///
/// # Errors
/// `InvalidInput` for a negative size.
pub(super) fn size(request: &PaginationRequest) -> Result<usize, Error> {
    match usize::try_from(request.page_size) {
        Ok(0) => Ok(USUAL),
        Ok(size) => Ok(size.min(MOST)),
        Err(_) => Err(Error::invalid("the page size is negative")
            .with_hint("leave it out, or ask for 1 to 100")),
    }
}

/// The page of `all` that `request` asks for; for lists that are short and at hand. The token is the index to go on from.
///
/// # Errors
/// `InvalidInput` for a token that no answer carried.
pub(super) fn slice<T>(
    all: Vec<T>,
    request: &PaginationRequest,
) -> Result<(Vec<T>, PaginationResponse), Error> {
    let size = size(request)?;
    let start = match request.token.as_str() {
        "" => 0,
        token => token
            .parse()
            .map_err(|e| Error::invalid("the page token is not one of ours").with_source(e))?,
    };
    let total = all.len();
    let page: Vec<T> = all.into_iter().skip(start).take(size).collect();
    let end = start.saturating_add(page.len());
    let next_token = if end < total && !page.is_empty() {
        end.to_string()
    } else {
        String::new()
    };
    let total = i32::try_from(total).unwrap_or(i32::MAX);
    let response = PaginationResponse { total, next_token };
    Ok((page, response))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_cover_the_list_once() {
        let mut request = PaginationRequest {
            page_size: 3,
            ..PaginationRequest::default()
        };
        let mut seen = Vec::new();
        loop {
            let (page, answer) = slice((0..8).collect(), &request).unwrap();
            seen.extend(page);
            if answer.next_token.is_empty() {
                break;
            }
            request.token = answer.next_token;
        }
        assert_eq!(seen, (0..8).collect::<Vec<_>>());
        request.token = String::from("x");
        assert!(slice(vec![1], &request).is_err());
        request.page_size = -1;
        assert!(size(&request).is_err());
    }
}
