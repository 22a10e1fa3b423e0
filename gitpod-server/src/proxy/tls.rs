//! TLS to ports inside an instance: development servers that speak HTTPS alone.
//!
//! Their certificates are **not verified**. The connection is dialled inside the instance's own network namespace, to its own
//! loopback: nobody stands between the proxy and the program, and whoever could answer there instead is user code of the same
//! workspace, which could read the certificate's key as well. What one finds there is signed by itself, for `localhost`, or
//! expired; to verify it would protect nobody and break everybody. Visitors speak to the proxy, with the platform's certificate.

use std::sync::Arc;

use gitpod_core::{Error, ErrorKind, Result};
use gitpod_runtime::BoxedIo;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio_rustls::TlsConnector;

use super::upstream::Speak;

/// The name that is asked for: a program with several certificates shows the one for itself.
const NAME: &str = "localhost";

/// Speaks TLS, and in it what `speak` says.
pub(super) fn connector(speak: Speak) -> TlsConnector {
    let provider = ring::default_provider();
    let anyone = Anyone(provider.signature_verification_algorithms);
    let versions = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions();
    let mut config = match versions {
        Ok(builder) => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(anyone))
            .with_no_client_auth(),
        Err(error) => unreachable!("ring knows TLS 1.2 and 1.3: {error}"),
    };
    config.alpn_protocols = vec![match speak {
        Speak::Http1 => b"http/1.1".to_vec(),
        Speak::Http2 => b"h2".to_vec(),
    }];
    TlsConnector::from(Arc::new(config))
}

/// The handshake.
///
/// # Errors
/// `Unexpected`: what answers does not speak TLS.
///
/// # Cancellation
/// Dropping the future closes the connection.
pub(super) async fn connect(connector: &TlsConnector, io: BoxedIo) -> Result<BoxedIo> {
    let name = ServerName::try_from(NAME)
        .map_err(|e| Error::unexpected("not a name for TLS").with_source(e))?;
    let stream = connector.connect(name, io).await.map_err(|e| {
        Error::new(
            ErrorKind::Unexpected,
            format!("the program on this port does not speak HTTPS ({e})"),
        )
        .with_hint("set the port's protocol to http if it speaks HTTP")
    })?;
    Ok(Box::pin(stream))
}

/// Takes every certificate, for the reason above.
#[derive(Debug)]
struct Anyone(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    // Certificates that are not believed prove nothing by their signatures; old ones (X.509 v1) could not even be read for it.
    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
