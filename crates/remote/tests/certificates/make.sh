#!/bin/sh
# Makes the certificates of this folder: a private authority, and three servers of it, one of them expired. The keys are
# for tests on this machine and protect nothing. Needs openssl.
set -eu
cd "$(dirname "$0")"
key() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1.key.pem"; }
issue() {
    key "$1"
    openssl req -new -key "$1.key.pem" -subj "/CN=$1" -out "$1.csr"
    printf 'subjectAltName=%s\nbasicConstraints=CA:FALSE\n' "$2" > "$1.ext"
    openssl x509 -req -in "$1.csr" -CA authority.pem -CAkey authority.key.pem -CAcreateserial \
        -days "$3" -extfile "$1.ext" -out "$1.pem"
    rm "$1.csr" "$1.ext"
}
key authority
openssl req -x509 -new -key authority.key.pem -subj "/CN=nmk test authority" -days 36500 \
    -addext "keyUsage=critical,keyCertSign,cRLSign" -out authority.pem
issue local "DNS:localhost,IP:127.0.0.1" 36500
issue elsewhere "DNS:elsewhere.example" 36500
issue expired "DNS:localhost,IP:127.0.0.1" 0
rm authority.key.pem authority.srl
