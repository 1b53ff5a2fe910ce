use super::*;

#[test]
fn metadata_and_link_local_addresses_are_refused_however_they_are_written() {
    for url in [
        "http://169.254.169.254/",
        "http://169.254.1.1/",
        "http://2852039166/",
        "http://0xa9fea9fe/",
        "http://0251.0376.0251.0376/",
        "http://168.63.129.16/",
        "http://100.100.100.200/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://[fd00:ec2::23]/",
        "http://[fd20:ce::254]/",
        "http://192.0.0.192/",
        "http://169.254.170.2/",
        "http://169.254.43518/",
        "http://0251.254.0xa9fe/",
        "http://１６９.254.169.254/",
        "http://169。254。169。254/",
        "http://[64:ff9b:1::a9fe:a9fe]/",
        "http://[::ffff:169.254.169.254]/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://[::169.254.169.254]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:a9fe:a9fe::]/",
        "http://metadata.google.internal/",
        "http://METADATA.google.internal./",
        "http://instance-data/",
    ] {
        assert!(is_refused_host(&url.parse().unwrap()), "{url}");
    }
}

#[test]
fn private_and_loopback_addresses_are_where_model_servers_live() {
    for url in [
        "http://localhost:11434/",
        "http://127.0.0.1/",
        "http://10.0.0.8/",
        "http://192.168.1.2/",
        "http://100.100.100.201/",
        "http://[::1]/",
        "http://[fd00::1]/",
        "https://api.openai.com/",
        "http://metadata.example.com/",
    ] {
        assert!(!is_refused_host(&url.parse().unwrap()), "{url}");
    }
}
