module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.21.0"

  name            = "northwind-parcels"
  cidr            = "10.40.0.0/16"
  azs             = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
  private_subnets = ["10.40.0.0/20", "10.40.16.0/20", "10.40.32.0/20"]
  public_subnets  = ["10.40.240.0/24", "10.40.241.0/24", "10.40.242.0/24"]
}

resource "aws_security_group" "nodes" {
  name   = "nodes"
  vpc_id = module.vpc.vpc_id

  ingress {
    description = "inside the network"
    from_port   = 0
    to_port     = 65535
    protocol    = "tcp"
    cidr_blocks = ["10.40.0.0/16"]
  }
}
