"""The parts of deploy/elasticbeanstalk/rehearse: what Elastic Beanstalk does with a source bundle, done on this machine.

    options   the option settings that it knows, and what it says of others
    bundle    the zip: its size and folders, Procfile, .ebextensions
    ebextensions  files and commands of .ebextensions, as cfn-init does them
    root      the scratch root in which all of it runs, and commands in there
    logs      the log files that its engine and the system write
    units     the processes of the Procfile, held as systemd holds them
    proxy     nginx with the configuration of the platform and of the bundle
    health    the balancer's checks, the health agent, people who go on working
    rotate    the hourly rotation of the logs
    engine    the commands of the engine, instruction by instruction
    shims     systemctl and others that scripts of a bundle call
    stage     the steps of a rehearsal and what they show
Sources: Elastic Beanstalk developer guide (platforms-linux-extend, ebextensions, command-options-general, health-enhanced); the names of the
instructions and the words of the log are those of engine logs that people published.
"""


class Failed(Exception):
    """A step that fails as it would there.

    step: the engine's instruction or "source bundle"; error: the engine's words; console: what the console shows; advice: what to do.
    """

    def __init__(self, step, error, advice, console=()):
        super().__init__(error)
        self.step, self.error, self.advice, self.console = step, error, advice, list(console)
