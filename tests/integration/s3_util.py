"""S3 for tests of the server: tests/peers/fake_s3.mjs (s3rver behind the AWS SDK's own verification of signatures) and the settings that lead to it."""
import urllib.parse
import urllib.request

from fakes_util import Fake

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
TOKEN = "AQoDYXdzEPT//////////wEXAMPLE=="
BUCKET, BASE = "prism.reviews", "Logs and data"  # a dot, a space: as the replaced system had them


class S3(Fake):
    def __init__(self, bucket=BUCKET, port=0):
        super().__init__("s3", str(port))
        self.bucket = bucket
        self.ask(f"/__bucket?name={bucket}", {})

    def settings(self, **others):
        """Environment variables for a server or a command."""
        return {
            **KEYS,
            "S3_BUCKET_NAME": self.bucket,
            "S3_BASE_PATH": BASE + "/",
            "S3_REGION": "eu-west-1",
            "PRISM_S3_URL": self.url,
            "AWS_EC2_METADATA_DISABLED": "true",
            **others,
        }

    def tell(self, *faults, **settings):
        self.ask("/__script", {**settings, "faults": list(faults)})

    def objects(self):
        return {o["key"]: o for o in self.ask(f"/__objects?bucket={self.bucket}")}

    def get(self, key):
        with urllib.request.urlopen(f"{self.url}/__object?bucket={self.bucket}&key={urllib.parse.quote(key, safe='')}", timeout=30) as answer:
            return answer.read()
