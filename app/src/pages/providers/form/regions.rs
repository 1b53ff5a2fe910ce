//! The regions of AWS in which Bedrock is, to be offered; others can be typed.
//!
//! From the endpoints of AWS' SDKs, 2026.

/// Name and place of each, near ones together.
pub(super) const REGIONS: &[(&str, &str)] = &[
    ("us-east-1", "N. Virginia"),
    ("us-east-2", "Ohio"),
    ("us-west-1", "N. California"),
    ("us-west-2", "Oregon"),
    ("ca-central-1", "Canada, Central"),
    ("ca-west-1", "Calgary"),
    ("mx-central-1", "Mexico"),
    ("sa-east-1", "São Paulo"),
    ("eu-central-1", "Frankfurt"),
    ("eu-central-2", "Zurich"),
    ("eu-north-1", "Stockholm"),
    ("eu-south-1", "Milan"),
    ("eu-south-2", "Spain"),
    ("eu-west-1", "Ireland"),
    ("eu-west-2", "London"),
    ("eu-west-3", "Paris"),
    ("il-central-1", "Tel Aviv"),
    ("me-central-1", "UAE"),
    ("me-south-1", "Bahrain"),
    ("af-south-1", "Cape Town"),
    ("ap-east-2", "Taipei"),
    ("ap-northeast-1", "Tokyo"),
    ("ap-northeast-2", "Seoul"),
    ("ap-northeast-3", "Osaka"),
    ("ap-south-1", "Mumbai"),
    ("ap-south-2", "Hyderabad"),
    ("ap-southeast-1", "Singapore"),
    ("ap-southeast-2", "Sydney"),
    ("ap-southeast-3", "Jakarta"),
    ("ap-southeast-4", "Melbourne"),
    ("ap-southeast-5", "Malaysia"),
    ("ap-southeast-6", "New Zealand"),
    ("ap-southeast-7", "Thailand"),
    ("us-gov-east-1", "GovCloud, East"),
    ("us-gov-west-1", "GovCloud, West"),
    ("eusc-de-east-1", "European Sovereign Cloud"),
];

#[cfg(test)]
mod tests {
    use domain::provider::Region;

    use super::REGIONS;

    #[test]
    fn what_is_offered_is_taken() {
        for (name, _) in REGIONS {
            assert!(name.parse::<Region>().is_ok(), "{name}");
        }
    }
}
