//! The logo that an account shows on its pages. It is fetched once from the address that staff give, decoded, and encoded anew: what
//! the portal serves is a picture and nothing else, and no visitor's browser asks another host for it.

use std::io::Cursor;

use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use sha2::{Digest, Sha256};
use url::Url;

use crate::accounts::model::logo::LogoFile;
use crate::base::error::{Error, Result};
use crate::base::public_http::PublicHttp;
use crate::base::web_address;

/// Of the fetched file.
const MAX_BYTES: usize = 2 << 20;
/// In each direction, of the fetched picture.
const MAX_PIXELS: u32 = 4_096;
/// The size that is served fits on a screen with two pixels per point at the height of the bar.
const WIDTH: u32 = 640;
const HEIGHT: u32 = 160;
const FIELD: &str = "input.logoUrl";

/// A logo that was fetched and encoded anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logo {
    pub url: String,
    pub file: LogoFile,
    pub png: Vec<u8>,
}

impl Logo {
    /// Fetches the logo. Without an open connection to the database: it may take seconds. Empty counts as absent.
    pub(crate) async fn fetch(http: &PublicHttp, text: &str) -> Result<Option<Self>> {
        let Some(url) = web_address::parse(FIELD, text, http.schemes())? else {
            return Ok(None);
        };
        let fetched = http.get(&url, MAX_BYTES).await;
        let bytes = fetched.map_err(|error| {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "a logo can't be fetched"
            );
            Error::bad_input(FIELD, format!("The picture can't be fetched: {error}."))
        })?;
        let encoded = tokio::task::spawn_blocking(move || Self::encode(&url, &bytes)).await;
        encoded.map_err(Error::internal)?.map(Some)
    }

    fn encode(url: &Url, bytes: &[u8]) -> Result<Self> {
        let picture = decode(bytes).map_err(|error| Error::bad_input(FIELD, reason(&error)))?;
        let picture = if picture.width() > WIDTH || picture.height() > HEIGHT {
            picture.resize(WIDTH, HEIGHT, FilterType::CatmullRom)
        } else {
            picture
        };
        let mut png = Cursor::new(Vec::new());
        picture
            .write_to(&mut png, ImageFormat::Png)
            .map_err(Error::internal)?;
        let png = png.into_inner();
        Ok(Self {
            url: url.to_string(),
            file: LogoFile::new(&Sha256::digest(&png), picture.width(), picture.height()),
            png,
        })
    }
}

/// The first picture of the file, upright.
fn decode(bytes: &[u8]) -> Result<DynamicImage, ImageError> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_PIXELS);
    limits.max_image_height = Some(MAX_PIXELS);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn reason(error: &ImageError) -> String {
    match error {
        ImageError::Limits(_) => {
            format!("The picture is too large: at most {MAX_PIXELS} pixels in each direction.")
        }
        _ => "It is no picture that can be shown: use PNG, JPEG, GIF or WebP. SVG can hold scripts and is not accepted.".to_owned(),
    }
}
