using System.Net;
using System.Text.Json;
using Queued.Broker;
using Queued.Daemon.Hosting;
using Queued.Daemon.Hosting.Configuration;

namespace Queued.Daemon.Tests.Hosting;

public sealed class ConfigurationLoaderTests
{
    [Fact]
    public void Flags_win_over_the_environment_which_wins_over_the_file()
    {
        using var directory = new TestDirectory();
        var loader = new ConfigurationLoader();
        loader.AddFile(directory.Write("queued.json", """
            { // with comments, and trailing commas
              "daemon": { "drain_timeout": "1s", "socket": "/file", "data_directory": "/file", },
            }
            """));
        loader.AddEnvironment(
            [new("QUEUED__DAEMON__SOCKET", "/environment"), new("QUEUED__DAEMON__DATA_DIRECTORY", "/environment")]);
        loader.AddFlag("daemon.socket", "/flag", "flag --socket");

        var daemon = loader.Build().Daemon;

        Assert.Equal("/flag", daemon.Socket);
        Assert.Equal("/environment", daemon.DataDirectory);
        Assert.Equal(TimeSpan.FromSeconds(1), daemon.DrainTimeout);
        Assert.Equal("0660", FileStatus.Octal(daemon.SocketMode));
    }

    [Fact]
    public void Nothing_given_is_a_daemon_with_a_default_queue_and_exec()
    {
        var configuration = new ConfigurationLoader().Build();

        Assert.Equal(["default", "exec"], configuration.Queues.Keys.Order());
        var pool = Assert.Single(configuration.Pools).Value;
        Assert.True(pool.Exec);
        Assert.Equal(Environment.ProcessorCount, pool.Size);
        Assert.Equal(["exec"], pool.Queues);
    }

    [Fact]
    public void Without_exec_there_is_neither_its_pool_nor_its_queue()
    {
        var loader = new ConfigurationLoader();
        loader.AddAssignment("exec.enabled=false");

        var configuration = loader.Build();

        Assert.Empty(configuration.Pools);
        Assert.Equal(["default"], configuration.Queues.Keys);
    }

    [Fact]
    public void Text_of_the_environment_can_be_any_kind_of_value()
    {
        var loader = new ConfigurationLoader();
        loader.AddEnvironment(
        [
            new("QUEUED__POOLS__ENCODE__COMMAND", """["ffmpeg", "-i", "a b"]"""),
            new("QUEUED__POOLS__ENCODE__SIZE", "auto"),
            new("QUEUED__POOLS__ENCODE__QUEUES", "one, two"),
            new("QUEUED__POOLS__ENCODE__ENV__LOG_LEVEL", "debug"),
            new("QUEUED__POOLS__ENCODE__MEMORY_HARD_BYTES", "512MiB"),
            new("QUEUED__POOLS__ENCODE__RECYCLE_JITTER", "0.5"),
            new("QUEUED__QUEUES__ONE__RETRY__MAX_ATTEMPTS", "4"),
            new("QUEUED__EXEC__ALLOW_OVER_TCP", "true"),
            new("QUEUED__DAEMON__LISTEN", "localhost:7450"),
            new("QUEUED_SOCKET", "/not/a/key"),
        ]);

        var configuration = loader.Build();

        var pool = configuration.Pools["encode"];
        Assert.Equal(["ffmpeg", "-i", "a b"], pool.Command);
        Assert.Equal(Environment.ProcessorCount, pool.Size);
        Assert.Equal(["one", "two"], pool.Queues);
        Assert.Equal("debug", pool.Environment!["LOG_LEVEL"]);
        Assert.Equal(512 << 20, pool.MemoryHardBytes);
        Assert.Equal(0.5, pool.RecycleJitter);
        Assert.Equal(4, configuration.Queues["one"].Retry!.MaxAttempts);
        Assert.True(configuration.Exec.AllowOverTcp);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 7450), configuration.Daemon.Listen);
    }

    [Fact]
    public void The_environment_means_the_pool_of_the_file_whatever_its_case()
    {
        using var directory = new TestDirectory();
        var loader = new ConfigurationLoader();
        loader.AddFile(directory.Write("queued.json", """{"pools": {"Encode": {"command": ["x"], "size": 1}}}"""));
        loader.AddEnvironment([new("QUEUED__POOLS__ENCODE__SIZE", "3")]);

        var pools = loader.Build().Pools;

        Assert.Equal(3, pools["Encode"].Size);
        Assert.False(pools.ContainsKey("encode"));
    }

    [Fact]
    public void What_is_shown_can_be_read_again()
    {
        using var directory = new TestDirectory();
        var loader = new ConfigurationLoader();
        loader.AddFile(directory.Write("queued.json", """
            {
              "daemon": { "listen": "[::1]:0", "socket_mode": "0600", "log_format": "json", "drain_timeout": "1h30m" },
              "limits": { "payload_bytes_max": "64KiB" },
              "queues": { "mail": { "timeout": "90s",
                  "retry": { "max_attempts": 3, "non_retryable_error_types": ["Bad"] } } },
              "pools": { "mail": { "command": ["worker", "ü \"C++\""], "queues": ["mail"], "env": { "A": "b" },
                  "age_max": "36h" } },
              "exec": { "size": 1, "output_bytes_max": 1000 },
              "telemetry": { "otlp_endpoint": "http://localhost:4317", "enabled": true }
            }
            """));
        var shown = ConfigurationWriter.Write(loader.Build());
        var again = new ConfigurationLoader();
        again.AddFile(directory.Write("shown.json", shown));

        Assert.Equal(shown, ConfigurationWriter.Write(again.Build()));
        Assert.Contains("\"drain_timeout\": \"1h30m\"", shown);
        Assert.Contains("C++", shown);
    }

    [Fact]
    public void The_output_of_a_command_fits_into_a_result()
    {
        using var directory = new TestDirectory();
        var loader = new ConfigurationLoader();
        loader.AddFile(directory.Write("queued.json", """{ "limits": { "payload_bytes_max": "64KiB" } }"""));

        var configuration = loader.Build();

        Assert.True(configuration.ExecOutputBytesMax > 0);
        Assert.True(2 * configuration.ExecOutputBytesMax < configuration.Limits.PayloadBytesMax);
    }

    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("1.5s", 1500)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1d", 86_400_000)]
    [InlineData("0s", 0)]
    public void Durations_are_read_with_their_unit(string text, long milliseconds)
    {
        Assert.True(DurationKind.TryParse(text, out var value));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("1 s")]
    [InlineData("1w")]
    [InlineData("1..5s")]
    [InlineData("99999999999999999999d")]
    public void What_is_no_duration_is_refused(string text) => Assert.False(DurationKind.TryParse(text, out _));

    [Fact]
    public void The_schema_in_the_documentation_is_the_one_of_the_code() =>
        Assert.Equal(File.ReadAllText(RepositoryFile.Path("docs/queued.schema.json")), ConfigurationSchema.Write());

    [Fact]
    public void The_schema_names_every_key_of_a_pool()
    {
        using var schema = JsonDocument.Parse(ConfigurationSchema.Write());
        var keys = schema.RootElement.GetProperty("properties").GetProperty("pools")
            .GetProperty("additionalProperties").GetProperty("properties").EnumerateObject().Select(key => key.Name);

        Assert.Equal(typeof(PoolSettings).GetProperties().Count(property => property.Name != nameof(PoolSettings.Name)
            && property.CanWrite), keys.Count());
    }
}
