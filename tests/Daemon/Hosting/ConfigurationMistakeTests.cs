using Queued.Daemon.Hosting.Configuration;

namespace Queued.Daemon.Tests.Hosting;

public sealed class ConfigurationMistakeTests
{
    [Theory]
    [InlineData("""{"daemon": {"socet": "/x"}}""", "daemon.socet", "did you mean \"socket\"?")]
    [InlineData("""{"demon": {}}""", "demon", "did you mean \"daemon\"?")]
    [InlineData("""{"nothing_like_it": {}}""", "nothing_like_it",
        "there are daemon, limits, storage, queues, pools, exec, logs, telemetry")]
    [InlineData("""{"daemon": 1}""", "daemon", "1 is not allowed; must be an object")]
    [InlineData("""{"pools": []}""", "pools", "must be an object of names")]
    [InlineData("""{"daemon": {"socket": "relative"}}""", "daemon.socket",
        "\"relative\" is not allowed; must be an absolute path")]
    [InlineData("""{"daemon": {"socket": null}}""", "daemon.socket", "null is not allowed")]
    [InlineData("""{"daemon": {"socket_mode": "0999"}}""", "daemon.socket_mode", "octal")]
    [InlineData("""{"daemon": {"socket_mode": "0460"}}""", "daemon.socket_mode", "lets the owner read and write")]
    [InlineData("""{"daemon": {"listen": "0.0.0.0:80"}}""", "daemon.listen", "needs TLS and a credential")]
    [InlineData("""{"daemon": {"listen": "10.1.2.3:80"}}""", "daemon.listen", "is not loopback")]
    [InlineData("""{"daemon": {"listen": "127.0.0.1"}}""", "daemon.listen", "a loopback address with a port")]
    [InlineData("""{"daemon": {"listen": "example.org:80"}}""", "daemon.listen", "a loopback address with a port")]
    [InlineData("""{"daemon": {"log_level": "loud"}}""", "daemon.log_level",
        "one of trace, debug, info, warn, error, none")]
    [InlineData("""{"daemon": {"drain_timeout": 30}}""", "daemon.drain_timeout", "a time from 0s to 1d")]
    [InlineData("""{"daemon": {"drain_timeout": "30"}}""", "daemon.drain_timeout", "a time from 0s to 1d")]
    [InlineData("""{"daemon": {"drain_timeout": "-1s"}}""", "daemon.drain_timeout", "\"-1s\" is not allowed")]
    [InlineData("""{"limits": {"payload_bytes_max": "1GiB"}}""", "limits.payload_bytes_max",
        "a size from 1KiB to 64MiB")]
    [InlineData("""{"limits": {"payload_bytes_max": "5 MB"}}""", "limits.payload_bytes_max", "\"5 MB\" is not allowed")]
    [InlineData("""{"limits": {"tasks_max": 0}}""", "limits.tasks_max", "a whole number from 1")]
    [InlineData("""{"limits": {"tasks_max": 1.5}}""", "limits.tasks_max", "1.5 is not allowed")]
    [InlineData("""{"limits": {"tasks_max": "10"}}""", "limits.tasks_max", "\"10\" is not allowed")]
    [InlineData("""{"queues": {"a b": {}}}""", "queues.a b", "must be a name")]
    [InlineData("""{"queues": {"a": {"durability": "disk"}}}""", "queues.a.durability", "one of memory, async, fsync")]
    [InlineData("""{"queues": {"a": {"retry": {"max_atempts": 1}}}}""", "queues.a.retry.max_atempts",
        "did you mean \"max_attempts\"?")]
    [InlineData("""{"queues": {"a": {"retry": {"jitter": 2}}}}""", "queues.a.retry.jitter", "a number from 0 to 1")]
    [InlineData("""{"queues": {"a": {"retry": 3}}}""", "queues.a.retry", "must be an object")]
    [InlineData("""{"pools": {"p": {}}}""", "pools.p.command", "is missing")]
    [InlineData("""{"pools": {"p": {"command": []}}}""", "pools.p.command", "a list of 1 to 1024 arguments")]
    [InlineData("""{"pools": {"p": {"command": "sleep 1"}}}""", "pools.p.command", "a list of 1 to 1024 arguments")]
    [InlineData("""{"pools": {"p": {"command": ["x"], "size": 5000}}}""", "pools.p.size", "5000 is not allowed")]
    [InlineData("""{"pools": {"p": {"command": ["x"], "size": "many"}}}""", "pools.p.size", "\"auto\"")]
    [InlineData("""{"pools": {"p": {"command": ["x"], "queues": ["a", "a"]}}}""", "pools.p.queues",
        "names a queue twice")]
    [InlineData("""{"pools": {"p": {"command": ["x"], "queues": ["a/b"]}}}""", "pools.p.queues",
        "must be a list of 1 to 64 queues")]
    [InlineData("""{"pools": {"p": {"command": ["x"], "env": {"A": 1}}}}""", "pools.p.env.A", "1 is not allowed")]
    [InlineData("""{"pools": {"p": {"command": ["x"], "env": {"A=B": "1"}}}}""", "pools.p.env.A=B", "hold no '='")]
    [InlineData("""{"pools": {"p": {"command": ["x"], "exec": true}}}""", "pools.p.command",
        "the tasks bring the command")]
    [InlineData("""{"pools": {"p": {"command": ["x"], "exec": "yes"}}}""", "pools.p.exec", "true or false")]
    [InlineData("""{"pools": {"exec": {"exec": true}}}""", "pools.exec", "set exec.enabled to false")]
    [InlineData("""{"pools": {"p": {"command": ["x"], "memory_soft_bytes": "2GiB", "memory_hard_bytes": "1GiB"}}}""",
        "pools.p.memory_soft_bytes", "is above memory_hard_bytes")]
    [InlineData("""{"pools": {"p": {"command": ["x"], "restart_backoff": "2m", "restart_backoff_max": "1m"}}}""",
        "pools.p.restart_backoff", "is above restart_backoff_max")]
    [InlineData("""{"pools": {"p": {"command": ["x"]}, "p": {"command": ["y"]}}}""", "pools.p", "is given twice")]
    [InlineData("""{"limits": {"pool_size_max": 1}, "pools": {"p": {"command": ["x"], "size": 2}}}""",
        "pools.p.size", "above limits.pool_size_max")]
    [InlineData("""{"exec": {"directory": "here"}}""", "exec.directory", "an absolute path")]
    [InlineData("""{"telemetry": {"otlp_endpoint": "collector:4317"}}""", "telemetry.otlp_endpoint",
        "an http or https address")]
    [InlineData("""{"daemon": {"socket": "/\ud800"}}""", "daemon.socket", "\"/\\ud800\" is not allowed")]
    [InlineData("""{"limits": {"tasks_max": "\ud800"}}""", "limits.tasks_max", "is not allowed")]
    [InlineData("""{"exec": {"size": "\ud800"}}""", "exec.size", "is not allowed")]
    [InlineData("""{"exec": {"enabled": "\ud800"}}""", "exec.enabled", "is not allowed")]
    [InlineData("""{"pools": {"p": {"command": ["\ud800"]}}}""", "pools.p.command", "is not allowed")]
    [InlineData("""{"pools": {"p": {"command": ["x"], "env": {"\ud800": "1"}}}}""", "pools.p.env", "not Unicode")]
    [InlineData("""{"pools": {"\udc00": {}}}""", "pools", "has a member whose name is not Unicode text")]
    [InlineData("""{"\udc00": {}}""", "", "has a member whose name is not Unicode text")]
    [InlineData("[]", "", "must hold one JSON object")]
    [InlineData("{", "", "not valid JSON at line 1")]
    public void A_mistake_is_named_with_its_path_and_what_is_allowed(string json, string path, string message)
    {
        using var directory = new TestDirectory();
        var loader = new ConfigurationLoader();
        var file = directory.Write("queued.json", json);
        loader.AddFile(file);

        var mistake = Assert.Single(Assert.Throws<ConfigurationException>(loader.Build).Mistakes);

        Assert.Equal(path, mistake.Path);
        Assert.Contains(message, mistake.Message);
        Assert.Contains(file, mistake.ToString());
    }

    [Fact]
    public void All_mistakes_of_all_sources_are_reported_together()
    {
        using var directory = new TestDirectory();
        var loader = new ConfigurationLoader();
        loader.AddFile(directory.Write("queued.json", """{"daemon": {"x": 1, "socket": 2}}"""));
        loader.AddFile(directory.In("missing.json"));
        loader.AddEnvironment(
            [new("QUEUED__LIMITS__TASKS_MAX", "none"), new("QUEUED__FOO__BAR", "1"), new("QUEUED__POOLS", "1")]);
        loader.AddFlag("daemon.listen", "1.2.3.4:5", "flag --listen");
        loader.AddAssignment("nonsense");
        loader.AddAssignment("daemon.nonsense=1");

        var exception = Assert.Throws<ConfigurationException>(loader.Build);

        Assert.Equal(
            ["daemon.x", "daemon.socket", "", "foo.bar", "limits.tasks_max", "pools", "daemon.listen", "",
                "daemon.nonsense"],
            exception.Mistakes.Select(mistake => mistake.Path));
        Assert.Contains("9 mistakes", exception.Message);
        Assert.Contains("environment variable QUEUED__LIMITS__TASKS_MAX", exception.Message);
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_reported_with_all_other_mistakes()
    {
        using var directory = new TestDirectory();
        var file = directory.In("queued.json");
        File.WriteAllBytes(
            file, [.. "{\n\"daemon\": {\"socket\": \"/"u8, 0xFF, .. "\", \"x\": 1}, \"exec\": {\"size\": -1}}"u8]);
        var loader = new ConfigurationLoader();
        loader.AddFile(file);

        var mistakes = Assert.Throws<ConfigurationException>(loader.Build).Mistakes;

        Assert.Equal(["", "daemon.x", "exec.size"], mistakes.Select(mistake => mistake.Path));
        Assert.Contains("is not UTF-8: line 2, byte 24 begins no character", mistakes[0].Message);
    }

    [Fact]
    public void A_pool_with_a_bad_name_does_not_hide_what_is_wrong_inside_it()
    {
        using var directory = new TestDirectory();
        var loader = new ConfigurationLoader();
        loader.AddFile(directory.Write("queued.json", """{"pools": {"a b": {"size": -1, "sise": 1}}}"""));

        var mistakes = Assert.Throws<ConfigurationException>(loader.Build).Mistakes;

        Assert.Equal(
            ["pools.a b", "pools.a b.size", "pools.a b.sise", "pools.a b.command"],
            mistakes.Select(mistake => mistake.Path));
    }

    [Fact]
    public void The_report_writes_nothing_that_a_terminal_obeys()
    {
        using var directory = new TestDirectory();
        var loader = new ConfigurationLoader();
        loader.AddFile(directory.Write(
            "queued.json", """{"queues": {"\u001b[31m\u202e\u009b": {}}, "daemon": {"socket": "\u009b"}}"""));
        loader.AddAssignment("daemon.socket=\u001b]0;owned\a");

        var message = Assert.Throws<ConfigurationException>(loader.Build).Message;

        Assert.DoesNotContain(message, character => char.IsControl(character) && character != '\n');
        Assert.Contains("""queues.\u001b[31m\u202e\u009b""", message);
    }

    [Fact]
    public void A_directory_in_place_of_the_file_is_named_with_the_reason()
    {
        using var directory = new TestDirectory();
        var loader = new ConfigurationLoader();
        loader.AddFile(directory.Path);

        var mistake = Assert.Single(Assert.Throws<ConfigurationException>(loader.Build).Mistakes);

        Assert.Equal(directory.Path, mistake.Source);
        Assert.Contains("cannot be read", mistake.Message);
    }
}
