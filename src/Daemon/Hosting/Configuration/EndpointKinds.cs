using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Queued.Daemon.Hosting.Configuration;

/// <summary>A loopback address and a port; port 0 takes a free one.</summary>
internal sealed class LoopbackKind : ConfigKind<IPEndPoint>
{
    public override string Allowed => "a loopback address with a port, such as \"127.0.0.1:7450\" or \"[::1]:7450\"";

    public override string Refuse(JsonElement element) =>
        TryText(element, out var text) && TryParse(text, out _)
            ? $"{Shown(element)} is not loopback; an endpoint beyond it needs TLS and a credential, which are not " +
                "there yet"
            : base.Refuse(element);

    public override bool TryRead(JsonElement element, bool isText, out IPEndPoint value)
    {
        value = new IPEndPoint(IPAddress.Loopback, 0);
        return TryText(element, out var text) && TryParse(text, out value) && IPAddress.IsLoopback(value.Address);
    }

    public override void Write(Utf8JsonWriter writer, IPEndPoint value) => writer.WriteStringValue(value.ToString());

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "string");
        writer.WriteString("pattern", "^(127\\.[0-9.]+|localhost|\\[::1\\]):[0-9]+$");
    }

    private static bool TryParse(string text, out IPEndPoint value)
    {
        const string LocalHost = "localhost:";
        if (text.StartsWith(LocalHost, StringComparison.Ordinal))
        {
            text = $"127.0.0.1:{text.AsSpan(LocalHost.Length)}";
        }

        // IPEndPoint.TryParse takes an address without a port, and reads the last group of a bare IPv6 address as one.
        var colon = text.LastIndexOf(':');
        if (colon > 0 && (text[0] == '[' || text.IndexOf(':') == colon)
            && IPEndPoint.TryParse(text, out var endpoint)
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            value = endpoint;
            return true;
        }

        value = new IPEndPoint(IPAddress.Loopback, 0);
        return false;
    }
}

internal sealed class HttpAddressKind : ConfigKind<Uri>
{
    private static readonly Uri Example = new("http://localhost:4317");

    public override string Allowed => "an http or https address, such as \"http://localhost:4317\"";

    public override bool TryRead(JsonElement element, bool isText, out Uri value)
    {
        value = Example;
        if (!TryText(element, out var text) || !Uri.TryCreate(text, UriKind.Absolute, out var address) ||
            (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            return false;
        }

        value = address;
        return true;
    }

    public override void Write(Utf8JsonWriter writer, Uri value) => writer.WriteStringValue(value.OriginalString);

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "string");
        writer.WriteString("pattern", "^https?://");
    }
}

/// <summary>Permissions of the socket, in octal.</summary>
internal sealed class SocketModeKind : ConfigKind<UnixFileMode>
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public override string Allowed =>
        "an octal mode that lets the owner read and write, such as \"0600\", \"0660\" or \"0666\"";

    public override bool TryRead(JsonElement element, bool isText, out UnixFileMode value)
    {
        value = Owner;
        if (!TryText(element, out var text) || text.Length is < 3 or > 4 || text.Any(c => c is < '0' or > '7'))
        {
            return false;
        }

        value = (UnixFileMode)Convert.ToInt32(text, 8);
        return (value & Owner) == Owner && (int)value <= 0b111_111_111;
    }

    public override void Write(Utf8JsonWriter writer, UnixFileMode value) =>
        writer.WriteStringValue(Convert.ToString((int)value, 8).PadLeft(4, '0'));

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "string");
        writer.WriteString("pattern", "^0?[67][0-7]{2}$");
    }
}
