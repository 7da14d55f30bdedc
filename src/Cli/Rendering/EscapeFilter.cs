using System.Text;

namespace Queued.Cli.Rendering;

/// <summary>
/// Takes out of text what a terminal would obey or what would deceive its reader: C0 and C1 controls, escape sequences
/// (ECMA-48: CSI, OSC, DCS, SOS, PM, APC and the two- and three-character ones), bidirectional and invisible
/// formatting. Newlines and tabs stay; a lone carriage return becomes a newline, because it would overwrite what was
/// shown. It has memory, so that a sequence may be cut anywhere between two pieces.
/// </summary>
internal sealed class EscapeFilter
{
    private const char Escape = '\x1b';

    private State _state;

    private enum State
    {
        Text,
        CarriageReturn,

        /// <summary>After ESC.</summary>
        Introduced,

        /// <summary>After ESC and an intermediate byte, such as ESC ( before B.</summary>
        Intermediate,

        /// <summary>Inside CSI, up to its final byte.</summary>
        Parameters,

        /// <summary>Inside OSC, DCS, SOS, PM or APC, up to its terminator.</summary>
        Words,

        /// <summary>After an ESC inside <see cref="Words"/>: a backslash ends it.</summary>
        WordsEnding,
    }

    public void Append(ReadOnlySpan<char> text, StringBuilder output)
    {
        foreach (Rune rune in text.EnumerateRunes())
            Append(rune, output);
    }

    /// <summary>What a cut at the very end still owes: a carriage return that was waiting for its newline.</summary>
    public void Finish(StringBuilder output)
    {
        if (_state == State.CarriageReturn)
            output.Append('\n');
        _state = State.Text;
    }

    private void Append(Rune rune, StringBuilder output)
    {
        int value = rune.Value;
        switch (_state)
        {
            case State.CarriageReturn:
                _state = State.Text;
                output.Append('\n');
                if (value != '\n')
                    Plain(rune, output);
                break;
            case State.Introduced:
                Introduced(rune, output);
                break;
            case State.Intermediate when value is >= 0x20 and <= 0x2f:
                break;
            case State.Intermediate when value is >= 0x30 and <= 0x7e:
                _state = State.Text;
                break;
            case State.Parameters when value is >= 0x20 and <= 0x3f:
                break;
            case State.Parameters when value is >= 0x40 and <= 0x7e:
                _state = State.Text;
                break;
            case State.WordsEnding when value == '\\':
                _state = State.Text;
                break;
            case State.WordsEnding:
                Introduced(rune, output);
                break;
            case State.Words when value == Escape:
                _state = State.WordsEnding;
                break;
            case State.Words when value is '\a' or 0x9c or 0x18 or 0x1a:
                _state = State.Text;
                break;
            // A string that is never terminated may hide one line, not all that follows.
            case State.Words when value is not '\n':
                break;
            default:
                _state = State.Text;
                Plain(rune, output);
                break;
        }
    }

    private void Introduced(Rune rune, StringBuilder output)
    {
        int value = rune.Value;
        _state = value switch
        {
            '[' => State.Parameters,
            ']' or 'P' or 'X' or '^' or '_' => State.Words,
            >= 0x20 and <= 0x2f => State.Intermediate,
            _ => State.Text,
        };
        if (_state == State.Text && value is < 0x30 or > 0x7e)
            Plain(rune, output);
    }

    private void Plain(Rune rune, StringBuilder output)
    {
        switch (rune.Value)
        {
            case '\r':
                _state = State.CarriageReturn;
                break;
            case Escape:
                _state = State.Introduced;
                break;
            case 0x9b:
                _state = State.Parameters;
                break;
            case 0x90 or 0x98 or 0x9d or 0x9e or 0x9f:
                _state = State.Words;
                break;
            case '\n' or '\t':
                output.Append((char)rune.Value);
                break;
            default:
                if (!IsUnseen(rune.Value))
                    output.Append(rune.ToString());
                break;
        }
    }

    private static bool IsUnseen(int value) =>
        value is < 0x20 or (>= 0x7f and <= 0x9f) // C0, DEL, C1
            or 0x061c or 0x200e or 0x200f or (>= 0x202a and <= 0x202e) or (>= 0x2066 and <= 0x2069) // bidirectional
            or 0x2028 or 0x2029 or 0xfeff or (>= 0xe0000 and <= 0xe007f); // separators, byte order mark, tags
}
