//! The logo that an account shows on its pages. It is fetched once from the address that staff give, decoded, and encoded anew: what
//! the portal serves is a picture and nothing else, and no visitor's browser asks another host for it.

use std::io::Cursor;

use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use url::Url;

use crate::accounts::model::logo::LogoFile;
use crate::base::error::{Error, Result};
use crate::base::public_http::PublicHttp;
use crate::base::web_address;

/// Of the fetched file.
const MAX_BYTES: usize = 2 << 20;
/// In each direction, of the fetched picture.
const MAX_PIXELS: u32 = 4_096;
/// What decoding may take: a picture of the largest size with 8 bits for each of four colours.
const MAX_DECODED_BYTES: u64 = 4 * (MAX_PIXELS as u64) * (MAX_PIXELS as u64);
/// One picture is decoded at a time, and the turn is kept when its request has ended: decoding can't be stopped.
static TURN: Semaphore = Semaphore::const_new(1);
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
        let turn = TURN.acquire().await.map_err(Error::internal)?;
        let encoded = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            Self::encode(&url, &bytes)
        });
        encoded.await.map_err(Error::internal)?.map(Some)
    }

    fn encode(url: &Url, bytes: &[u8]) -> Result<Self> {
        let picture = decode(bytes).map_err(|error| Error::bad_input(FIELD, reason(&error)))?;
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

/// The first picture of the file, upright, in a size that is served. It is made smaller before it is turned, which copies it.
fn decode(bytes: &[u8]) -> Result<DynamicImage, ImageError> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_PIXELS);
    limits.max_image_height = Some(MAX_PIXELS);
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let picture = DynamicImage::from_decoder(decoder)?;
    let (width, height) = if turns_sideways(orientation) {
        (HEIGHT, WIDTH)
    } else {
        (WIDTH, HEIGHT)
    };
    let mut picture = if picture.width() > width || picture.height() > height {
        picture.resize(width, height, FilterType::CatmullRom)
    } else {
        picture
    };
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn turns_sideways(orientation: Orientation) -> bool {
    match orientation {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => true,
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => false,
    }
}

fn reason(error: &ImageError) -> String {
    match error {
        ImageError::Limits(_) => {
            format!("The picture is too large: at most {MAX_PIXELS} pixels in each direction, with 8 bits for each colour.")
        }
        _ => "It is no picture that can be shown: use PNG, JPEG, GIF or WebP. SVG can hold scripts and is not accepted.".to_owned(),
    }
}
