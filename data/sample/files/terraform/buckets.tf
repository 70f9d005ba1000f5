resource "aws_s3_bucket" "backups" {
  bucket = "northwind-parcels-backups"
}

resource "aws_s3_bucket_acl" "backups" {
  bucket = aws_s3_bucket.backups.id
  acl    = "private"
}
