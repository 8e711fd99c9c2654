// SPDX-License-Identifier: GPL-3.0-or-later
//! The certificate of a BMC. BMCs sign their certificates themselves, so no authority vouches for one: the administrator
//! accepts one certificate for one host, and no other one counts. The handshake still proves that the BMC has its key.

use crate::types::Sha256Digest;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use std::sync::{Arc, OnceLock};

/// What is known of the certificate of a BMC.
#[derive(Debug)]
pub(super) struct Pin {
    /// The accepted one; `None` only looks, and then nothing is sent.
    expected: Option<Sha256Digest>,
    seen: OnceLock<Sha256Digest>,
    provider: Arc<CryptoProvider>,
}

impl Pin {
    /// Accepts this certificate alone; without one any, to look at it.
    pub(super) fn new(expected: Option<Sha256Digest>) -> Arc<Self> {
        Arc::new(Self { expected, seen: OnceLock::new(), provider: Arc::new(ring::default_provider()) })
    }

    /// The certificate that the BMC showed first.
    pub(super) fn seen(&self) -> Option<Sha256Digest> {
        self.seen.get().copied()
    }

    /// A certificate that is not the accepted one.
    pub(super) fn other(&self) -> Option<(Sha256Digest, Sha256Digest)> {
        let (expected, seen) = (self.expected?, self.seen()?);
        (expected != seen).then_some((expected, seen))
    }

    /// The settings of TLS.
    pub(super) fn config(self: &Arc<Self>) -> Result<ClientConfig, Error> {
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider));
        let builder = builder.with_safe_default_protocol_versions()?;
        let verifier = Arc::clone(self) as Arc<dyn ServerCertVerifier>;
        Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
    }
}

impl ServerCertVerifier for Pin {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let found = Sha256Digest::hash(end_entity);
        let _first_counts = self.seen.set(found);
        match self.expected {
            Some(expected) if expected != found => {
                // A later connection may show another one than the first did.
                Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
            }
            _ => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
